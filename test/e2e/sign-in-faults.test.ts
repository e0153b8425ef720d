import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openSignInWindow } from '../../sandbox/teams/sign-in.ts';
import { currentVersion } from '../../sandbox/teams/timeline.ts';
import {
  assertExplains,
  assertPlain,
  postsOf,
  repliesTo,
  waitForButton,
  waitForSignInCard,
} from '../support/messages.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';
import { many, startAda } from './ada.ts';

const onBehalfOf = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
type Rig = Awaited<ReturnType<typeof startAda>>;

const signInCards = ({ rehearsal, chat }: Rig) =>
  rehearsal
    .answers(chat)
    .filter((message) => currentVersion(message).activity.attachments?.[0]?.contentType.endsWith('card.oauth'));
const exchanges = ({ sandbox }: Rig) => sandbox.entra.requests.filter(({ grant }) => grant === onBehalfOf);

/** Goes through the sign-in window of the newest sign-in card. */
async function useButton(rig: Rig, window: Parameters<Rig['sandbox']['client']['signInThroughButton']>[3] = {}) {
  const card = await waitForSignInCard(rig.rehearsal, rig.chat);
  await waitForButton(rig.rehearsal, rig.ada, rig.chat, card.id);
  return rig.sandbox.client.signInThroughButton(rig.ada, rig.chat, card.id, window);
}

suite('signing in is not the whole of it', many, () => {
  test('consent missing: 412, a button to agree, and the command goes on by itself', async () => {
    const rig = await startAda();
    rig.sandbox.entra.controls.setConsent(rig.ada.tenantId, false);
    const exchange = Promise.withResolvers<{ status: number; body: unknown }>();
    rig.sandbox.client.events.on('event', (event) => {
      if (event.kind === 'delivery' && event.what === 'signin/tokenExchange') exchange.resolve(event.outcome);
    });
    const { message: asked } = await rig.say();
    const { status, body } = await exchange.promise;
    assert.equal(status, 412);
    assert.match((body as { failureDetail: string }).failureDetail, /don’t have consent to use Intune for you yet/);
    await rig.sandbox.client.waitFor(() => signInCards(rig).length === 2, 3000, 'the button to agree');
    for (const card of signInCards(rig)) assert.equal(repliesTo(card), asked.id);
    const offer = await waitForButton(rig.rehearsal, rig.ada, rig.chat, signInCards(rig)[1]?.id ?? '');
    const start = await fetch(offer.url, { redirect: 'manual' });
    const query = new URL(start.headers.get('location') ?? '').searchParams;
    assert.equal(query.get('prompt'), 'consent');
    assert.match(
      query.get('scope') ?? '',
      /DeviceManagementServiceConfig\.ReadWrite\.All.*DeviceManagementApps\.Read\.All/,
    );
    assert.equal((await useButton(rig)).status, 200);
    const receipt = await rig.wait(/Sync completed/);
    assert.equal(repliesTo(receipt), asked.id);
    assert.equal(rig.posts(), 1);
  });

  test('an organisation that does not agree: the window says so, nothing is done, and the button still works', async () => {
    const rig = await startAda();
    rig.sandbox.entra.controls.setConsent(rig.ada.tenantId, false);
    await rig.say();
    await rig.sandbox.client.waitFor(() => signInCards(rig).length === 2, 3000, 'the button to agree');
    const cancelled = await useButton(rig, { decision: 'cancel' });
    assert.ok(cancelled.status >= 400 && cancelled.status < 500 && cancelled.code === undefined);
    assertPlain(cancelled.html.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<[^>]*>/g, ' '));
    assert.equal(rig.posts(), 0);
    assert.equal((await useButton(rig)).status, 200);
    await rig.wait(/Sync completed/);
    assert.equal(rig.posts(), 1);
  });

  test('step-up: its claims go to the sign-in page unchanged, and the command goes on after it', async () => {
    const rig = await startAda();
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    rig.sandbox.entra.controls.requireStepUp('ada', claims);
    await rig.say();
    await rig.sandbox.client.waitFor(() => signInCards(rig).length === 2, 3000, 'the button');
    const offer = await waitForButton(rig.rehearsal, rig.ada, rig.chat, signInCards(rig)[1]?.id ?? '');
    assert.match(offer.text, /one more check/);
    const start = await fetch(offer.url, { redirect: 'manual' });
    assert.equal(new URL(start.headers.get('location') ?? '').searchParams.get('claims'), claims);
    await useButton(rig);
    await rig.wait(/Sync completed/);
    assert.deepEqual(
      exchanges(rig).map(({ outcome }) => outcome),
      ['50076', 'ok'],
    );
  });

  test('an assertion that was too old: one new sign-in card, answered silently', async () => {
    const rig = await startAda();
    rig.sandbox.entra.controls.failNext(1, { kind: 'expiredAssertion' });
    const { message: asked } = await rig.say();
    await rig.wait(/Sync completed/);
    const cards = signInCards(rig);
    assert.equal(cards.length, 2);
    for (const card of cards) assert.equal(repliesTo(card), asked.id);
    assert.equal(rig.posts(), 1);
  });

  test('assertions that are too old again and again are explained after the second', async () => {
    const rig = await startAda();
    rig.sandbox.entra.controls.failNext(9, { kind: 'expiredAssertion' });
    await rig.say();
    assertExplains(await rig.wait(/had expired, twice/));
    await rig.sandbox.client.idle();
    assert.deepEqual([signInCards(rig).length, exchanges(rig).length, rig.posts()], [2, 2, 0]);
  });

  test('in a channel an assertion that was too old leads to the button, and Continue goes on', async () => {
    const rehearsal = await startRehearsal();
    const { sandbox } = rehearsal;
    const ada = sandbox.person('ada');
    const { channel } = sandbox.conversations;
    const card = await rehearsal.ask(ada, channel, 'sync vpp adatum');
    sandbox.entra.controls.failNext(1, { kind: 'expiredAssertion' });
    const pressed = await sandbox.client.press(ada, channel, card.id, buttonOn(card, 'Continue'));
    assert.equal(pressed.signInOffered, true);
    await sandbox.client.signInThroughButton(ada, channel, card.id);
    const receipt = await rehearsal.waitForWords(channel, /Sync completed/);
    assert.equal(receipt.id, card.id);
    assert.equal(postsOf(rehearsal).length, 1);
  });

  test('a wrong client secret is the operator’s to fix: explained once, and no sign-in is asked for again', async () => {
    const rig = await startAda();
    rig.sandbox.entra.controls.rotateClientSecret();
    await rig.say();
    assertExplains(await rig.wait(/Entra rejected the bot’s own credentials/), /The bot’s operator/);
    await rig.sandbox.client.idle();
    assert.deepEqual([signInCards(rig).length, rig.posts()], [1, 0]);
  });

  for (const [code, error, words] of [
    [53003, 'invalid_grant', /organisation’s policy.*AADSTS53003.*Entra administrator/s],
    [53000, 'interaction_required', /organisation’s policy.*AADSTS53000.*Entra administrator/s],
    [650052, 'invalid_client', /AADSTS650052.*service principal.*Entra administrator.*consent/s],
    [650051, 'invalid_client', /AADSTS650051.*service principal.*Entra administrator.*consent/s],
    [7000229, 'invalid_client', /AADSTS7000229.*service principal.*Entra administrator.*consent/s],
    [7000222, 'invalid_client', /AADSTS7000222.*secret or certificate.*The bot’s operator/s],
    [399999, 'invalid_client', /AADSTS399999.*don’t know this code/s],
  ] as const) {
    test(`AADSTS${code} is told by its number, once, and the check-up says the same`, async () => {
      const rig = await startAda();
      rig.sandbox.entra.controls.failNext(9, { kind: 'refused', error, code });
      await rig.say();
      const told = await rig.wait(words);
      assertExplains(told);
      await rig.sandbox.client.idle();
      assert.deepEqual([signInCards(rig).length, exchanges(rig).length, rig.posts()], [1, 1, 0]);
      await rig.say('doctor');
      const checked = wordsOf(await rig.wait(/Check-up/));
      assert.match(checked, new RegExp(`AADSTS${code}`));
      assert.doesNotMatch(checked, /You are not signed in/);
    });
  }

  test('a check that Entra asks for again, just as it was passed, is a policy’s block', async () => {
    const rig = await startAda();
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    rig.sandbox.entra.controls.failNext(2, { kind: 'refused', error: 'invalid_grant', code: 50076, claims });
    await rig.say();
    await rig.sandbox.client.waitFor(() => signInCards(rig).length === 2, 3000, 'the button');
    await useButton(rig);
    assertExplains(await rig.wait(/organisation’s policy.*AADSTS50076.*Entra administrator/s));
    assert.deepEqual([signInCards(rig).length, rig.posts()], [2, 0]);
  });

  test('a check that asks for something else each time comes with its button each time', async () => {
    const rig = await startAda();
    for (const value of ['c1', 'c2']) {
      const claims = `{"access_token":{"acrs":{"essential":true,"value":"${value}"}}}`;
      rig.sandbox.entra.controls.failNext(1, { kind: 'refused', error: 'invalid_grant', code: 50076, claims });
    }
    await rig.say();
    await rig.sandbox.client.waitFor(() => signInCards(rig).length === 2, 3000, 'the first button');
    await useButton(rig);
    await rig.sandbox.client.waitFor(() => signInCards(rig).length === 3, 3000, 'the second button');
    await useButton(rig);
    await rig.wait(/Sync completed/);
  });

  test('version 1 tokens: chat, window and check-up say who sets the registration', async () => {
    const rig = await startAda();
    const { client, entra } = rig.sandbox;
    entra.controls.setAccessTokenVersion(1);
    const words = /version 1 tokens.*The bot’s operator.*requestedAccessTokenVersion/s;
    await rig.say();
    assertExplains(await rig.wait(words));
    client.setSso(rig.ada, 'off');
    await rig.say();
    await client.waitFor(() => signInCards(rig).length === 2, 3000, 'the button');
    const window = await useButton(rig);
    assert.equal(window.code, undefined);
    assert.match(window.html, /version 1 tokens.*The bot’s operator must set requestedAccessTokenVersion to 2/s);
    await rig.say('doctor');
    assert.match(
      wordsOf(await rig.wait(/Check-up/)),
      /version 1 tokens.*requestedAccessTokenVersion.*The bot’s operator/s,
    );
    assert.equal(exchanges(rig).length, 0);
  });

  for (const [why, fault, times] of [
    ['lacks a permission', { kind: 'missingScope' }, 1],
    ['is not accepted, fresh as it is', { kind: 'status', status: 401 }, 2],
    ['does not meet a challenge, even after the check', { kind: 'claimsChallenge' }, 2],
  ] as const) {
    test(`a Graph token that ${why} is not used again: asking again gets a new one`, async () => {
      const rig = await startAda();
      rig.controls.failNext(times, { fault });
      await rig.say('status vpp adatum');
      if (fault.kind === 'claimsChallenge') {
        await rig.sandbox.client.waitFor(() => signInCards(rig).length === 2, 3000, 'the button');
        await useButton(rig);
      }
      await rig.wait(/Reference/);
      const refused = exchanges(rig).length;
      await rig.say('status vpp adatum');
      await rig.wait(/Valid/);
      assert.equal(exchanges(rig).length, refused + 1);
    });
  }

  for (const [why, fault, words] of [
    ['busy, with a time', { kind: 'throttled', retryAfterS: 1 }, /too busy.*Ask again in/s],
    ['busy, without a time', { kind: 'throttled' }, /too busy.*Ask again in/s],
    ['down', { kind: 'unavailable' }, /Entra didn’t answer.*Ask again in a few minutes/s],
  ] as const) {
    test(`Entra is ${why}: that is explained, and asking again works`, async () => {
      const rig = await startAda();
      rig.sandbox.entra.controls.failNext(1, fault);
      const { message: asked } = await rig.say();
      const shown = await rig.wait(words);
      assertExplains(shown);
      assert.equal(repliesTo(shown), asked.id);
      assert.equal(rig.posts(), 0);
      await rig.say();
      await rig.wait(/Sync completed/);
    });
  }

  test('where Teams cannot sign in silently, signin/failure brings the button, and the command goes on', async () => {
    const rig = await startAda();
    rig.sandbox.client.setSso(rig.ada, 'failing');
    await rig.say();
    await rig.sandbox.client.waitFor(() => signInCards(rig).length === 2, 3000, 'the button');
    const offer = await waitForButton(rig.rehearsal, rig.ada, rig.chat, signInCards(rig)[1]?.id ?? '');
    assert.match(offer.text, /couldn’t sign you in silently/);
    await useButton(rig);
    await rig.wait(/Sync completed/);
    assert.equal(rig.posts(), 1);
  });

  test('a window that is closed does nothing, and may be opened again', async () => {
    const rig = await startAda();
    rig.sandbox.client.setSso(rig.ada, 'off');
    await rig.say();
    const closed = await useButton(rig, { decision: 'cancel' });
    assert.equal(closed.code, undefined);
    assert.equal(rig.posts(), 0);
    await useButton(rig);
    await rig.wait(/Sync completed/);
  });

  test('a cancelled window is told as such, nothing is done, and the button still works', async () => {
    const rig = await startAda();
    const { client, connector } = rig.sandbox;
    client.setSso(rig.ada, 'off');
    await rig.say();
    await waitForSignInCard(rig.rehearsal, rig.chat);
    const name = 'signin/verifyState';
    const value = { state: 'CancelledByUser' };
    await connector.deliver(client.activities.invoke(rig.ada, rig.chat, { conversationId: rig.chat.id, name, value }));
    await rig.wait(/^Sign-in was cancelled\. Press Sign in to continue\.$/);
    await useButton(rig);
    await rig.wait(/Sync completed/);
    assert.equal(rig.posts(), 1);
  });

  test('a press with a wrong one-time state is 401 invalidAuthCode; a cancelled one says so', async () => {
    const rehearsal = await startRehearsal();
    const { client, connector, conversations, person } = rehearsal.sandbox;
    const [ada, elif] = [person('ada'), person('elif')];
    const { group } = conversations;
    const card = await rehearsal.ask(ada, group, 'status vpp adatum');
    const pressWith = async (state: string) => {
      const { verb, data } = buttonOn(card, 'Sync now');
      const answer = await connector.deliver(
        client.activities.invoke(elif, group, {
          conversationId: group.id,
          replyToId: card.id,
          name: 'adaptiveCard/action',
          value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual', state },
        }),
      );
      return answer.body as { statusCode: number; type: string; value: unknown };
    };
    const wrong = await pressWith('x'.repeat(22));
    assert.deepEqual(wrong, {
      statusCode: 401,
      type: 'application/vnd.microsoft.error.invalidAuthCode',
      value: null,
    });
    const cancelled = await pressWith('CancelledByUser');
    assert.equal(cancelled.statusCode, 200);
    assert.match(String(cancelled.value), /Sign-in was cancelled and nothing was done/);
    assert.equal(postsOf(rehearsal).length, 0);
  });

  test('somebody else signing in in the window is refused there, by name', async () => {
    const rig = await startAda();
    rig.sandbox.client.setSso(rig.ada, 'off');
    await rig.say();
    const window = await useButton(rig, { as: rig.sandbox.person('elif') });
    assert.deepEqual([window.status, window.code], [403, undefined]);
    assert.match(window.html, /Ada Lindqvist/);
    assert.deepEqual([rig.posts(), exchanges(rig).length], [0, 0]);
  });

  test('a code serves once, and nobody else', async () => {
    const rig = await startAda();
    const { client, connector, conversations, person } = rig.sandbox;
    const elif = person('elif');
    const { group } = conversations;
    client.setSso(rig.ada, 'off');
    await client.say(rig.ada, group, 'sync vpp adatum', { mention: true });
    const card = await waitForSignInCard(rig.rehearsal, group);
    await waitForButton(rig.rehearsal, rig.ada, group, card.id);
    const { code = assert.fail() } = await openSignInWindow(
      client.timeline.get(group, card.id).signIns.get('ada')?.url ?? '',
      rig.ada,
    );
    const hand = (who: typeof elif) =>
      connector.deliver(
        client.activities.invoke(who, group, {
          conversationId: group.id,
          name: 'signin/verifyState',
          value: { state: code },
        }),
      );
    assert.equal((await hand(elif)).status, 200);
    await rig.rehearsal.waitForWords(group, /code wasn’t accepted/);
    assert.equal(rig.posts(), 0);
    assert.equal((await hand(rig.ada)).status, 200);
    await rig.rehearsal.waitForWords(group, /Syncing|Sync completed/);
    assert.equal((await hand(rig.ada)).status, 200);
    await client.waitFor(
      () => rig.rehearsal.answers(group).filter((each) => /wasn’t accepted/.test(wordsOf(each))).length === 2,
      3000,
      'the second refusal',
    );
    assert.equal(rig.posts(), 1);
  });

  test('a token exchange repeated by several of a person’s clients has one effect', async () => {
    const rig = await startAda();
    const { client, connector, entra } = rig.sandbox;
    client.setSso(rig.ada, 'off');
    await rig.say();
    const card = await waitForSignInCard(rig.rehearsal, rig.chat);
    const content = currentVersion(card).activity.attachments?.[0]?.content as {
      connectionName: string;
      tokenExchangeResource: { id: string };
    };
    const assertion = await entra.issueAssertion(rig.ada);
    const send = (token: string) =>
      connector.deliver(
        client.activities.invoke(rig.ada, rig.chat, {
          conversationId: rig.chat.id,
          name: 'signin/tokenExchange',
          value: { id: content.tokenExchangeResource.id, connectionName: content.connectionName, token },
        }),
      );
    const others = await Promise.all([1, 2, 3].map(() => entra.issueAssertion(rig.ada)));
    const outcomes = await Promise.all([assertion, assertion, ...others].map(send));
    assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set([200]));
    await rig.wait(/Sync completed/);
    assert.equal((await send(assertion)).status, 200);
    assert.equal(rig.posts(), 1);
    assert.equal(rig.rehearsal.answers(rig.chat).length, 2);
  });

  test('assertions that are forged, old, for another app or another person’s never reach Entra', async () => {
    const rig = await startAda();
    const { client, connector, entra, person } = rig.sandbox;
    client.setSso(rig.ada, 'off');
    await rig.say();
    const card = await waitForSignInCard(rig.rehearsal, rig.chat);
    const content = currentVersion(card).activity.attachments?.[0]?.content as {
      tokenExchangeResource: { id: string };
    };
    const bad = await Promise.all([
      entra.issueAssertion(rig.ada, { key: 'wrong' }),
      entra.issueAssertion(rig.ada, { expiresAt: Date.now() - 600_000 }),
      entra.issueAssertion(rig.ada, { claims: { aud: 'another-app' } }),
      entra.issueAssertion(rig.ada, { claims: { scp: 'openid' } }),
      entra.issueAssertion(rig.ada, { claims: { oid: person('elif').aadObjectId } }),
      entra.issueAssertion(person('elif')),
      Promise.resolve('not.a.token'),
      Promise.resolve(''),
    ]);
    for (const [index, token] of bad.entries()) {
      const { status } = await connector.deliver(
        client.activities.invoke(rig.ada, rig.chat, {
          conversationId: rig.chat.id,
          name: 'signin/tokenExchange',
          value: { id: content.tokenExchangeResource.id, connectionName: 'vpp-sync', token },
        }),
      );
      assert.equal(status, 412, `number ${index}`);
    }
    assert.deepEqual([exchanges(rig).length, rig.posts()], [0, 0]);
    await useButton(rig);
    await rig.wait(/Sync completed/);
  });

  test('in a group, other members’ clients that answer a sign-in card change nothing', async () => {
    const rig = await startAda();
    const { client, conversations } = rig.sandbox;
    const { group } = conversations;
    client.setOthersAnswer(true);
    const statuses: number[] = [];
    client.events.on('event', (event) => {
      if (event.kind === 'delivery' && event.what === 'signin/tokenExchange') statuses.push(event.outcome.status);
    });
    await client.say(rig.ada, group, 'sync vpp adatum', { mention: true });
    await rig.rehearsal.waitForWords(group, /Sync completed/);
    await client.idle();
    assert.equal(statuses.length, group.members.length);
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.deepEqual(
      postsOf(rig.rehearsal).map((post) => post.split(' ')[0]),
      [rig.ada.aadObjectId],
    );
    assert.equal(exchanges(rig).length, 1);
  });

  test('in a group where others talk on, a renewed sign-in still answers whoever asked', async () => {
    const rig = await startAda();
    const { client, conversations, entra, person } = rig.sandbox;
    const { group } = conversations;
    client.setSso(rig.ada, 'off');
    const { message: asked } = await client.say(rig.ada, group, 'sync vpp adatum', { mention: true });
    const card = await waitForSignInCard(rig.rehearsal, group);
    await client.say(person('elif'), group, 'lunch?');
    entra.controls.failNext(1, { kind: 'expiredAssertion' });
    client.setSso(rig.ada, 'silent');
    await waitForButton(rig.rehearsal, rig.ada, group, card.id);
    const content = currentVersion(card).activity.attachments?.[0]?.content as {
      tokenExchangeResource: { id: string };
    };
    const invoke = client.activities.invoke(rig.ada, group, {
      conversationId: group.id,
      name: 'signin/tokenExchange',
      value: { id: content.tokenExchangeResource.id, token: await entra.issueAssertion(rig.ada) },
    });
    await rig.sandbox.connector.deliver(invoke);
    const receipt = await rig.rehearsal.waitForWords(group, /Sync completed/);
    assert.equal(repliesTo(receipt), asked.id);
  });
});
