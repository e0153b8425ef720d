import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { isObject } from '../../sandbox/teams/activities.ts';
import { inChromium, launchChromium } from '../support/chromium.ts';

const cardOf = (text: string) => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [
    { type: 'TextBlock', text, wrap: true },
    { type: 'FactSet', facts: [{ title: 'Apple ID', value: `devices@${'x'.repeat(60)}.example.com` }] },
    { type: 'Input.Text', id: 'note', label: 'Note' },
  ],
  actions: [{ type: 'Action.Execute', title: 'Sync now', verb: 'sync/start', data: { id: 'opaque' } }],
});

/** The page in a browser, and a bot that takes everything and answers presses and sign-ins as `invoke` says. */
async function openPage(t: TestContext, invoke: (name: string, value: unknown) => { status?: number; body: unknown }) {
  const sandbox = await startSandbox();
  const bot = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (request.url?.startsWith('/auth/end')) {
      response.end('<body data-state="code-1">Done</body>');
      return;
    }
    const activity: unknown = JSON.parse(text);
    const isInvoke = isObject(activity) && activity.type === 'invoke';
    const { status = 200, body } = isInvoke ? invoke(String(activity.name), activity.value) : { body: {} };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  sandbox.connectBot(`http://127.0.0.1:${(bot.address() as AddressInfo).port}`);
  const browser = await launchChromium();
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  t.after(async () => {
    await browser.close();
    bot.closeAllConnections();
    bot.close();
    await sandbox.stop();
  });
  await page.goto(sandbox.baseUrl);
  await page.locator('.chat').first().click();
  const chat = sandbox.conversations.personal('ada');
  const activities = `${sandbox.baseUrl}/connector/v3/conversations/${encodeURIComponent(chat.id)}/activities`;
  const botSends = async (activity: unknown, id?: string) => {
    const method = id === undefined ? 'POST' : 'PUT';
    const body = JSON.stringify(activity);
    return (await (await fetch(id === undefined ? activities : `${activities}/${id}`, { method, body })).json()) as {
      id: string;
    };
  };
  return { sandbox, page, chat, botSends, complaints };
}

const adaptiveCard = (content: unknown) => ({
  type: 'message',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
});

const waitForText = (page: Page, text: string) => page.getByText(text).first().waitFor();

test('an empty chat offers what to type, and Enter sends what was typed', inChromium, async (t) => {
  const { page, sandbox, chat, complaints } = await openPage(t, () => ({ body: {} }));
  await page.getByRole('button', { name: 'sync vpp contoso' }).click();
  await page.getByLabel('Message', { exact: true }).fill('<b>not markup</b>');
  await page.keyboard.press('Enter');
  await waitForText(page, '<b>not markup</b>');
  assert.deepEqual(
    sandbox.client.messages(chat).map((each) => each.versions[0]?.activity.text),
    ['sync vpp contoso', '<b>not markup</b>'],
  );
  assert.deepEqual(complaints, []);
});

test('a card is drawn, pressed with its input, replaced for the presser, and edited live', inChromium, async (t) => {
  const values: unknown[] = [];
  const { page, botSends, complaints } = await openPage(t, (_name, value) => {
    values.push(value);
    const type = 'application/vnd.microsoft.card.adaptive';
    return { body: { statusCode: 200, type, value: cardOf('only for Ada') } };
  });
  const { id } = await botSends(adaptiveCard(cardOf('**bold** <img src=x onerror=alert(1)> # no heading')));
  await page.locator('.card strong', { hasText: 'bold' }).waitFor();
  assert.equal(await page.locator('.card img, .card h1').count(), 0);
  await page.getByLabel('Note').fill('with a note');
  await page.getByRole('button', { name: 'Sync now' }).press('Enter');
  await waitForText(page, 'only for Ada');
  assert.equal(await page.locator(':focus').textContent(), 'Sync now');
  await waitForText(page, 'Only you see this card.');
  assert.deepEqual(values, [
    {
      action: {
        type: 'Action.Execute',
        title: 'Sync now',
        verb: 'sync/start',
        data: { id: 'opaque', note: 'with a note' },
      },
      trigger: 'manual',
    },
  ]);
  await botSends(adaptiveCard(cardOf('edited for all')), id);
  await waitForText(page, 'edited for all');
  assert.deepEqual(complaints, []);
});

test('the bot’s HTTP errors are shown with status and body', inChromium, async (t) => {
  const { page, botSends } = await openPage(t, () => ({ status: 500, body: { code: 'Boom' } }));
  await botSends(adaptiveCard(cardOf('a card')));
  await page.getByRole('button', { name: 'Sync now' }).click();
  await waitForText(page, 'adaptiveCard/action: The bot answered HTTP 500.');
  await waitForText(page, '"code": "Boom"');
  await waitForText(page, 'Something went wrong. Please try again.');
});

test('a sign-in button opens a window whose code goes back to the bot', inChromium, async (t) => {
  const invokes: [string, unknown][] = [];
  const { page, sandbox, botSends } = await openPage(t, (name, value) => {
    invokes.push([name, value]);
    return { body: {} };
  });
  const content = {
    text: 'Sign in first.',
    connectionName: 'sso',
    buttons: [{ type: 'signin', title: 'Sign in', value: `${sandbox.baseUrl}/auth/end?request=1` }],
  };
  await botSends({ type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.oauth', content }] });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Sign in first.').waitFor({ state: 'hidden' });
  assert.deepEqual(invokes, [['signin/verifyState', { state: 'code-1' }]]);
  assert.equal(page.context().pages().length, 1);
});

test('fits a narrow window without scrolling sideways, light and dark', inChromium, async (t) => {
  const { page, botSends } = await openPage(t, () => ({ body: {} }));
  await page.setViewportSize({ width: 360, height: 740 });
  await botSends(adaptiveCard(cardOf(`${'word '.repeat(30)}${'x'.repeat(120)}`)));
  await page.locator('.card').waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`:root[data-theme="${colorScheme}"] .card`).waitFor();
    const overflow = await page.evaluate<number[]>(`[document.documentElement, document.querySelector('#messages'),
      document.querySelector('.ac-factset')]
      .map((each) => each.scrollWidth - each.clientWidth)`);
    assert.deepEqual(overflow, [0, 0, 0]);
  }
});

const widths = [320, 700, 1024, 1440];

test('beside or instead of an open panel, Send is within reach in every width', inChromium, async (t) => {
  const { page } = await openPage(t, () => ({ body: {} }));
  const send = page.getByRole('button', { name: 'Send', exact: true });
  for (const width of widths) {
    await page.setViewportSize({ width, height: 740 });
    await page.getByRole('button', { name: 'Simulate' }).click();
    await page.getByRole('complementary', { name: 'Simulate' }).waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
    // On a phone the panel is a view of its own, and closing it leads back to the chat.
    if (width < 760) await page.getByRole('button', { name: 'Close' }).click();
    await send.click({ trial: true, timeout: 2_000 });
    if (width >= 760) await page.getByRole('button', { name: 'Close' }).click();
  }
  await page.getByRole('button', { name: 'Simulate' }).click();
  await page.getByRole('button', { name: 'Reset tenant and chats' }).press('Enter');
  await page.getByText('all chats are as at the start').waitFor();
  assert.equal(await page.locator(':focus').innerText(), 'Reset tenant and chats', 'the keyboard keeps its place');
});

test('with forced colours what is chosen differs from what is not', inChromium, async (t) => {
  const { page } = await openPage(t, () => ({ body: {} }));
  await page.emulateMedia({ forcedColors: 'active' });
  await page.getByRole('button', { name: 'General' }).click();
  const backgrounds = (selector: string) =>
    page.evaluate<string[]>(`[...document.querySelectorAll('${selector}')]
      .map((each) => getComputedStyle(each).backgroundColor)`);
  const highlight = await page.evaluate<string>(`(() => {
    document.body.insertAdjacentHTML('beforeend', '<i style="forced-color-adjust: none; background: Highlight"></i>');
    return getComputedStyle(document.body.lastElementChild).backgroundColor;
  })()`);
  assert.deepEqual(await backgrounds('.chat[aria-current="true"], #mention, #show-chats'), Array(3).fill(highlight));
  for (const other of await backgrounds('.chat:not([aria-current]), #show-panel')) assert.notEqual(other, highlight);
});

test('a reload keeps the person and the open chat, and the address can be shared', inChromium, async (t) => {
  const { page, sandbox } = await openPage(t, () => ({ body: {} }));
  const isIn = async (person: string, chat: string) => {
    await page.locator('#pane-title', { hasText: chat }).waitFor();
    assert.equal(await page.getByLabel('Acting as').inputValue(), person);
  };
  await page.getByRole('button', { name: 'Devices stand-up' }).click();
  await page.reload();
  await isIn('ada', 'Devices stand-up');
  await page.getByRole('button', { name: 'Chat', exact: true }).click();
  assert.equal(page.url(), `${sandbox.baseUrl}/#/ada/group`);
  await page.goto(`${sandbox.baseUrl}/#/elif/general`);
  await isIn('elif', 'General');
  await page.goBack();
  await isIn('ada', 'Devices stand-up');
  await page.goto(`${sandbox.baseUrl}/#/nobody/general`);
  await isIn('ada', 'VPP Sync');
});

test('has one first heading, landmarks named once, and nothing axe objects to in any theme', inChromium, async (t) => {
  const { page, botSends } = await openPage(t, () => ({ body: {} }));
  await botSends(adaptiveCard(cardOf('a card')));
  await page.locator('.card').waitFor();
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  await page.getByRole('button', { name: 'Tour', exact: true }).click();
  for (const open of ['Simulate', 'Inspect']) {
    await page.getByRole('button', { name: open }).click();
    for (const theme of ['dark', 'contrast', 'light']) {
      await page.getByRole('button', { name: 'Switch to the' }).click();
      await page.locator(`:root[data-theme="${theme}"]`).waitFor();
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
      const faults = await page.evaluate<
        string[]
      >(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ' ' + html.slice(0, 160))))`);
      assert.deepEqual(faults, [], `${open}, ${theme}`);
    }
  }
});

test(
  'the inspector has a card’s JSON and what the bot sent, to read and to copy, without secrets',
  inChromium,
  async (t) => {
    const { page, sandbox, botSends, complaints } = await openPage(t, () => ({ body: {} }));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: sandbox.baseUrl });
    await botSends(adaptiveCard(cardOf('sent earlier')));
    await page.getByRole('button', { name: 'Inspect' }).click();
    const inspector = page.getByRole('complementary', { name: 'Inspect' });
    await inspector.getByText('"text": "sent earlier"').first().waitFor();
    const { id } = await botSends(adaptiveCard(cardOf('sent now')));
    await inspector.locator('#card-json pre', { hasText: 'sent now' }).waitFor();
    await inspector.locator('#card-json').getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied.').waitFor();
    assert.deepEqual(JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()')), cardOf('sent now'));

    await botSends(adaptiveCard(cardOf('edited')), id);
    const newest = inspector.getByRole('list', { name: 'What the bot sent,' }).getByRole('listitem').first();
    await newest.getByText('PUT 200').click();
    await newest.getByText('"text": "edited"').waitFor();
    const buttons = [{ type: 'signin', title: 'Sign in', value: `${sandbox.baseUrl}/auth/end?request=for-ada-alone` }];
    const content = { text: 'Sign in first.', connectionName: 'sso', buttons };
    const card = { contentType: 'application/vnd.microsoft.card.oauth', content };
    await fetch(`${sandbox.baseUrl}/connector/v3/conversations`, { headers: { authorization: 'Bearer for-the-bot' } });
    await botSends({ type: 'message', attachments: [card] });
    await newest.getByText('/auth/end?request=…').waitFor({ state: 'attached' });
    assert.doesNotMatch((await inspector.textContent()) ?? '', /for-ada-alone|for-the-bot/);
    assert.equal(await inspector.getByText(/^(POST|PUT|GET) \d{3}$/).count(), 5);
    assert.deepEqual(complaints, []);
  },
);

test(
  'the chat can be drawn as wide as a phone, and the tour is led by keyboard and not offered again',
  inChromium,
  async (t) => {
    const { page } = await openPage(t, () => ({ body: {} }));
    const width = () => page.evaluate('document.querySelector(".pane").clientWidth');
    await page.getByRole('button', { name: 'Phone' }).click();
    assert.equal(await width(), 360);
    await page.reload();
    await page.getByRole('button', { name: 'Phone', pressed: true }).click();
    assert.notEqual(await width(), 360);

    await page.getByRole('button', { name: 'Take the tour' }).press('Enter');
    const tour = page.getByRole('dialog');
    const titles: string[] = [];
    for (const step of ['1 of 6', '2 of 6', '3 of 6', '4 of 6', '5 of 6', '6 of 6']) {
      await tour.getByText(step).waitFor();
      titles.push(await page.locator(':focus').innerText());
      assert.equal(await page.locator('.toured').count(), 1);
      if (step !== '6 of 6') await tour.getByRole('button', { name: 'Next' }).press('Enter');
    }
    assert.deepEqual(titles, ['Chats', 'Say something', 'Be somebody else', 'Simulate', 'Inspect', 'Looks']);
    await page.keyboard.press('Escape');
    assert.equal(await tour.count(), 0);
    await page.reload();
    await page.getByText('Tell the bot what to sync.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Take the tour' }).count(), 0);
    await page.getByRole('button', { name: 'Tour', exact: true }).click();
    await tour.getByRole('button', { name: 'Skip' }).click();
    assert.equal(await page.locator(':focus').innerText(), 'Tour');
  },
);
