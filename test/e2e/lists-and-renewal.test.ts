import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCard } from '../../sandbox/teams/timeline.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

const { sandbox, ask, answers, waitForWords } = await startRehearsal();
const { client, graph, conversations } = sandbox;
const ada = sandbox.person('ada');
const chat = conversations.personal(ada);
const { group } = conversations;
const adatum = 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8108';

test('a list in a personal chat shows the worst first and counts them; the Apple IDs of namesakes are whole there alone', async () => {
  const shown = wordsOf(await ask(ada, chat, 'list vpp'));
  assert.match(shown, /^16 VPP tokens, worst first ✕ 1 expired · 1 invalid · 1 in use by another MDM · /);
  assert.match(shown, / Contoso ✕ [^·]* · [^·]* ✕ Last sync failed[^·]* · evenements@contoso\.example\.com/);
  assert.match(shown, /1–15 of 16 /);
  const shared = wordsOf(await ask(ada, group, 'list vpp'));
  assert.match(shared, /e•••@contoso\.example\.com/);
  assert.doesNotMatch(shared, /evenements@|hq@/);
});

test('every row can be reached: the next page is drawn on the same card, and a row opens its token beside it', async () => {
  const listed = await ask(ada, chat, 'list vpp');
  const nextPage = buttonOn(listed, 'Next');
  await client.press(ada, chat, listed.id, nextPage);
  await client.waitFor(() => wordsOf(listed).includes('16 of 16'), 8_000);
  assert.match(wordsOf(listed), /华东零售有限公司/);
  await client.press(ada, chat, listed.id, buttonOn(listed, 'Show status: 华东零售有限公司, Valid'));
  const opened = await waitForWords(chat, /^华东零售有限公司/);
  assert.notEqual(opened.id, listed.id);
  // An old button still leads where it said.
  await client.press(ada, chat, listed.id, buttonOn(listed, 'Expiring (3)'));
  await client.waitFor(() => wordsOf(listed).startsWith('3 of 16 tokens'), 8_000);
  await client.press(ada, chat, listed.id, nextPage);
  await client.waitFor(() => wordsOf(listed).includes('16 of 16'), 8_000);
});

test('typing into the field of a question finds tokens for its owner alone, and the one chosen is shown', async () => {
  const asked = await ask(ada, group, 'status');
  const { id: dataset } = buttonOn(asked, 'Cancel').data as { id: string };
  const [found, ...others] = await client.search(ada, group, asked.id, dataset, 'adat');
  assert.match(found?.title ?? '', /Adatum/);
  assert.deepEqual(others, []);
  assert.deepEqual(await client.search(sandbox.person('elif'), group, asked.id, dataset, 'adat'), []);
  await client.press(ada, group, asked.id, buttonOn(asked, 'Show status'), { choice: found?.value });
  await client.waitFor(() => wordsOf(asked).startsWith('Adatum'), 8_000);
});

test('the filters leave what they say; an unknown one is answered with the three', async () => {
  assert.match(
    wordsOf(await ask(ada, chat, 'list vpp expiring')),
    /^3 of 16 tokens within 30 days of expiry or past it/,
  );
  assert.match(wordsOf(await ask(ada, chat, 'list stale')), /Adventure Works/);
  assert.match(wordsOf(await ask(ada, chat, '列表 失败')), /Wingtip Toys/);
  const shown = wordsOf(await ask(ada, chat, 'list vpp purple'));
  assert.match(shown, /“purple”.*list vpp expiring.*list vpp failed.*list vpp stale/);
});

test('a person sees in a list only what their scope tags let them see, in their own language', async () => {
  const chen = sandbox.person('chen');
  const shown = wordsOf(await ask(chen, conversations.personal(chen), '列表'));
  assert.match(shown, /^2 个 VPP 令牌，问题严重的在前/);
  assert.match(shown, /华东零售有限公司/);
});

test('licences are listed worst first, and “low” outlives the choice among namesakes', async () => {
  assert.match(
    wordsOf(await ask(ada, chat, 'licences adatum')),
    /Licences of Adatum.*Safety Rounds ✕ 0 left 40 of 40 used/,
  );
  const asked = await ask(ada, chat, 'licenses vpp contoso low');
  assert.match(wordsOf(asked), /“contoso” matches 6 tokens/);
  await client.press(ada, chat, asked.id, buttonOn(asked, 'Show licences'), { choice: '1' });
  const shown = await waitForWords(chat, /Licences of Contoso/);
  assert.match(wordsOf(shown), /of \d apps? with 95% or more in use/);
  assert.doesNotMatch(wordsOf(shown), /Meadow Notes/);
});

test('somebody without the right to read apps reads which right is missing', async () => {
  graph.controls.failNext(1, { path: 'mobileApps', fault: { kind: 'status', status: 403 } });
  const shown = wordsOf(await ask(ada, chat, 'licenses adatum'));
  assert.match(shown, /denied you access to apps.*mobile apps.*DeviceManagementApps\.Read\.All.*Reference: /s);
});

test('Licences and Renew on a token’s card answer beside it, again and again, in the name of who presses', async () => {
  const card = await ask(ada, group, 'status adatum');
  const before = answers(group).length;
  const bruno = sandbox.person('bruno');
  for (const person of [ada, bruno, bruno]) {
    await client.press(person, group, card.id, buttonOn(card, 'Licences'));
  }
  await client.press(ada, group, card.id, buttonOn(card, 'Renew'));
  await client.waitFor(() => answers(group).length === before + 4, 5000, 'four answers beside the card');
  assert.match(wordsOf(card), /^Adatum/);
  assert.equal(graph.requests.findLast(({ path }) => path.endsWith('mobileApps'))?.personOid, bruno.aadObjectId);
  const renewal = wordsOf(answers(group).at(-1) ?? assert.fail());
  assert.match(renewal, /Renew Adatum.*as d•••@adatum\.example\.com.*Do not delete the token/s);
  assert.doesNotMatch(renewal, /devices@/);
});

test('a renewal is verified against what the token was: first that the date may lag, then that it moved', async () => {
  const steps = await ask(ada, chat, 'renew adatum');
  assert.match(wordsOf(steps), /Renew Adatum.*devices@adatum\.example\.com.*say “verify vpp Adatum”/s);
  assert.match(
    JSON.stringify(findCard(steps)),
    /"title":"Open in Intune admin center","url":"https:\/\/go\.microsoft\.com\/fwlink\/\?linkid=2109431"/,
  );

  assert.match(wordsOf(await ask(ada, chat, 'verify adatum')), /• No renewal is under way.*say “renew vpp Adatum”/s);

  await client.press(ada, chat, steps.id, buttonOn(steps, 'I have started'));
  await client.waitFor(() => /Renewal started by Ada/.test(wordsOf(steps)), 5000, 'the card names who started it');
  const early = wordsOf(await ask(ada, chat, 'verify adatum'));
  assert.match(early, /✕ Not renewed yet.*✕ Expires Unchanged.*✓ Apple ID.*may lag behind.*again in a few minutes/s);

  graph.controls.renewToken(adatum);
  const renewed = wordsOf(await ask(ada, chat, 'verify vpp adatum'));
  assert.match(
    renewed,
    /✓ Renewed and healthy.*✓ Expires Moved to a later date.*→.*✓ State Valid.*✓ Last sync Completed/s,
  );
});

test('the whole Apple ID goes to whoever asked or pressed in a shared conversation, in their own chat alone, and the card says so', async () => {
  const bruno = sandbox.person('bruno');
  const own = conversations.personal(bruno);
  const shared = await ask(ada, conversations.channels[0] ?? assert.fail(), 'renew adatum');
  assert.match(wordsOf(shared), /as d•••@adatum\.example\.com.*I have sent the whole address to Ada/);
  const line = await waitForWords(chat, /^To renew Adatum, sign in at Apple as devices@adatum\.example\.com\./);
  assert.doesNotMatch(JSON.stringify(shared), /devices@/);

  // Bruno has never written to the bot: his chat is opened.
  const card = await ask(ada, group, 'status adatum');
  await client.press(bruno, group, card.id, buttonOn(card, 'Renew'));
  await waitForWords(group, /Renew Adatum.*sent the whole address to Bruno/);
  assert.match(wordsOf(await waitForWords(own, /devices@/)), /^To renew Adatum/);
  assert.equal(answers(chat).at(-1)?.id, line.id, 'and to nobody else');
});

test('somebody whose own chat cannot be opened reads where to ask, and somebody without the token gets no address', async () => {
  const bruno = sandbox.person('bruno');
  const own = conversations.personal(bruno);
  const chen = sandbox.person('chen');
  const chats = [own, conversations.personal(chen)];
  const before = chats.map((each) => answers(each).length);
  sandbox.connector.setInstalled(own, false);
  const shown = wordsOf(await ask(bruno, group, '续订 adatum'));
  assert.match(shown, /Renew Adatum.*For the whole address write “renew Adatum” to the bot in your own chat/);
  sandbox.connector.setInstalled(own, true);
  assert.doesNotMatch(wordsOf(await ask(chen, group, 'renew adatum')), /@adatum/);
  assert.deepEqual(
    chats.map((each) => answers(each).length),
    before,
  );
});

test('who has started a renewal is mentioned once, where they pressed, when a pass sees the new date', async () => {
  const watched = await startRehearsal({ env: { MONITOR: 'on', MONITOR_INTERVAL_S: '1' } });
  const { client: teams, conversations: places, graph: intune } = watched.sandbox;
  const own = places.personal(watched.sandbox.person('ada'));
  const person = watched.sandbox.person('ada');
  await watched.ask(person, own, 'status adatum');
  const before = watched.answers(own).length;
  const steps = await watched.ask(person, places.group, 'renew adatum');
  await teams.press(person, places.group, steps.id, buttonOn(steps, 'I have started'));
  await teams.waitFor(() => /Renewal started by Ada/.test(wordsOf(steps)), 5000, 'the card names who started it');
  await teams.press(person, places.group, steps.id, buttonOn(steps, 'Check renewal'));
  await watched.waitForWords(places.group, /Not renewed yet/);
  intune.controls.renewToken(adatum);
  const line = await watched.waitForWords(
    places.group,
    /Adatum is renewed\. It now expires on \d+ \w+ \d{4}\./,
    15_000,
  );
  assert.match(JSON.stringify(line), /"type":"mention".*Ada Lindqvist/);
  await watched.ask(person, places.group, 'verify adatum');
  const said = watched.answers(places.group).filter((message) => /is renewed\. It now/.test(wordsOf(message)));
  assert.equal(said.length, 1);
  // The whole Apple ID, and nothing of the end.
  assert.equal(watched.answers(own).length, before + 1);
});
