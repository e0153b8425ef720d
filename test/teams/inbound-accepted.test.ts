import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EmulatorValidation } from 'botframework-connector';
import type { WireActivity } from '../../sandbox/teams/activities.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';
import { type Changes, createDoor } from './door.ts';

suite('inbound kinds', async () => {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
  const { sandbox } = rehearsal;
  sandbox.connector.setRateLimits(false);
  const door = createDoor(rehearsal);

  /** Sends it and fails when the bot says anything in Teams, or asks Entra or Graph. */
  async function isTakenQuietly(changes: Changes, status = 200) {
    const asked = () => [sandbox.connector, sandbox.entra, sandbox.graph].map(({ requests }) => requests.length);
    const before = asked();
    const outcome = await door.send(door.message(changes));
    assert.equal(outcome.status, status, JSON.stringify(outcome));
    await sandbox.client.idle();
    assert.deepEqual(asked(), before);
    return outcome;
  }

  suite('an activity of another kind is taken (200) and has no effect:', () => {
    for (const type of [
      'messageReaction',
      'messageDelete',
      'typing',
      'event',
      'endOfConversation',
      'handoff',
      'trace',
      'command',
      'commandResult',
      'invokeResponse',
      'delay',
      'contactRelationUpdate',
      'deleteUserData',
      'suggestion',
      'nobody/knows',
      'Message',
      'MESSAGE',
      'Invoke',
      'ConversationUpdate',
      '__proto__',
      'constructor',
    ]) {
      test(type, async () => {
        await isTakenQuietly({ type });
      });
    }

    test('a message that is edited', async () => {
      await isTakenQuietly({ type: 'messageUpdate', text: 'sync vpp contoso' });
    });
  });

  suite('an invoke', () => {
    for (const name of [
      'task/fetch',
      'composeExtension/query',
      'fileConsent/invoke',
      'adaptiveCard/Action',
      'toString',
      '',
    ]) {
      test(`that nobody knows (${name || 'without a name'}) is answered 501`, async () => {
        const { body } = await isTakenQuietly({ type: 'invoke', name, value: {} }, 501);
        assert.equal(body, '');
      });
    }

    for (const value of [
      undefined,
      null,
      5,
      'x',
      [],
      {},
      { action: null },
      { action: { verb: 5, data: {} } },
      { action: { verb: 'sync/now' } },
    ]) {
      test(`to press ${JSON.stringify(value)} is a bad request, answered within a 200`, async () => {
        const { body } = await isTakenQuietly({ type: 'invoke', name: 'adaptiveCard/action', value });
        const { statusCode, type } = body as { statusCode: number; type: string };
        assert.deepEqual([statusCode, type], [400, 'application/vnd.microsoft.error']);
      });
    }

    test('to press what nobody stored is answered with a message', async () => {
      for (const verb of ['sync/now', 'nobody/knows', '__proto__']) {
        const value = { action: { type: 'Action.Execute', verb, data: { id: 'unknown' } }, trigger: 'manual' };
        const { body } = await isTakenQuietly({ type: 'invoke', name: 'adaptiveCard/action', value });
        const { statusCode, type } = body as { statusCode: number; type: string };
        assert.deepEqual([statusCode, type], [200, 'application/vnd.microsoft.activity.message'], verb);
      }
    });

    for (const value of [
      undefined,
      null,
      5,
      [],
      {},
      { id: 5, token: {} },
      { id: 'unknown', token: 'canary', connectionName: 'x' },
    ]) {
      test(`to exchange ${JSON.stringify(value)} is answered 200 without effect`, async () => {
        await isTakenQuietly({ type: 'invoke', name: 'signin/tokenExchange', value });
      });
    }

    for (const value of [undefined, null, 5, {}, { code: {} }, { code: 'resourcematchfailed', message: 'x' }]) {
      test(`that sign-in failed (${JSON.stringify(value)}), when none is open, is answered 200 without effect`, async () => {
        await isTakenQuietly({ type: 'invoke', name: 'signin/failure', value });
      });
    }

    for (const value of [undefined, null, 5, {}, { state: {} }, { state: 'nobodys' }]) {
      test(`with the sign-in code ${JSON.stringify(value)} is answered 200, and the person reads that it is not accepted`, async () => {
        const before = rehearsal.answers(door.chat).length;
        const { status } = await door.send(door.message({ type: 'invoke', name: 'signin/verifyState', value }));
        assert.equal(status, 200);
        const isAnswered = () => rehearsal.answers(door.chat).length > before;
        await sandbox.client.waitFor(isAnswered, 5_000, 'a reply about the code');
        assert.equal(sandbox.entra.requests.length, 0);
      });
    }

    test('of nobody in particular acts for nobody, and the answer says so', async () => {
      const { body } = await isTakenQuietly({
        type: 'invoke',
        name: 'adaptiveCard/action',
        from: { id: '29:x' },
        value: {},
      });
      assert.match(JSON.stringify(body), /Teams didn’t say who pressed this/);
    });
  });

  test('other methods and other addresses do nothing', async () => {
    const { botUrl } = rehearsal;
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status } = await fetch(`${botUrl}/api/messages`, { method });
      assert.ok(status === 404 || status === 405, `${method} ${status}`);
    }
    for (const path of ['/', '/api', '/api/messages/x', '/api/notify', '/auth', '/.env', '/../package.json']) {
      const response = await fetch(`${botUrl}${path}`, { method: 'POST', body: '{}' });
      const text = await response.text();
      assert.ok(response.status === 404 || response.status === 405, `${path} ${response.status}`);
      assert.doesNotMatch(text, /node_modules|at \w+ \(|src\//);
    }
    assert.equal((await fetch(`${botUrl}/healthz`)).status, 200);
  });
});

suite('inbound rates', async () => {
  const clock = { now: Date.now() };
  const rehearsal = await startRehearsal({ now: () => clock.now, env: { MONITOR: 'off' } });
  const door = createDoor(rehearsal);

  /** Something the bot takes in and does not answer. */
  const reaction = () => door.message({ type: 'messageReaction' });

  async function statusesOf(count: number, send: () => Promise<{ readonly status: number }>) {
    const outcomes = await Promise.all(Array.from({ length: count }, send));
    const counts = Map.groupBy(outcomes, ({ status }) => status);
    return Object.fromEntries([...counts].map(([status, list]) => [status, list.length]));
  }

  test('the 61st activity of a person within 10 s is refused (429); forged ones before it do not count', async () => {
    const forged = await statusesOf(100, () => door.send(reaction(), { flaw: 'foreignKey' }));
    assert.deepEqual(forged, { 401: 100 });
    assert.deepEqual(await statusesOf(70, () => door.send(reaction())), { 200: 60, 429: 10 });
    await door.isRefused(429, door.message());
    const elif = rehearsal.sandbox.person('elif');
    await door.isAnswered(door.messageFrom(elif, rehearsal.sandbox.conversations.personal(elif)));
  });

  test('after 10 s there is room again', async () => {
    clock.now += 10_000;
    await door.isAnswered(door.message());
  });

  test('what was refused (429) was no first time: sent again, it is answered', async () => {
    clock.now += 10_000;
    await statusesOf(60, () => door.send(reaction()));
    const message = door.message();
    await door.isRefused(429, message);
    clock.now += 10_000;
    await door.isAnswered(message);
  });
});

suite('inbound repeats', async () => {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'off', GRAPH_BETA: 'on' } });
  const { sandbox, answers } = rehearsal;
  sandbox.connector.setRateLimits(false);
  const door = createDoor(rehearsal);
  const { ada, chat } = door;

  const posts = () => sandbox.graph.requests.filter(({ method }) => method === 'POST').length;
  const sentToTeams = () => sandbox.connector.requests.length;

  /** Sends the same activity many times at once, as Teams never would and an attacker with one captured request might. */
  async function sendTwenty(activity: WireActivity) {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => door.send(activity)));
    assert.deepEqual([...new Set(outcomes.map(({ status }) => status))], [200]);
    await sandbox.client.idle();
  }

  test('a message that comes again is answered 200 and has no second effect', async () => {
    const message = door.message();
    await door.isAnswered(message);
    const before = sentToTeams();
    for (let time = 0; time < 3; time += 1) assert.equal((await door.send(message)).status, 200);
    assert.equal(sentToTeams(), before);
  });

  test('a message that comes twenty times at once is answered once', async () => {
    const before = answers(chat).length;
    await sendTwenty(door.message());
    assert.equal(answers(chat).length, before + 1);
  });

  test('the same id in another conversation, and another id here, is another message', async () => {
    const message = door.message();
    await door.isAnswered(message);
    const { group } = sandbox.conversations;
    await door.isAnswered({ ...door.messageFrom(ada, group), id: message.id ?? '' });
    await door.isAnswered(door.message());
  });

  test('a command that comes twenty times at once starts one sync', async () => {
    await sendTwenty(door.message({ text: 'sync vpp Contoso HQ' }));
    const card = await rehearsal.waitForWords(chat, /Contoso HQ/);
    await sandbox.client.idle();
    assert.equal(posts(), 1);
    assert.equal(answers(chat).filter((message) => message.id === card.id).length, 1);
  });

  test('a press that comes twenty times at once acts once, and each is answered with a card or a word', async () => {
    // Somebody else, because Ada has sent as much as one person may for now.
    const elif = sandbox.person('elif');
    const place = sandbox.conversations.personal(elif);
    const card = await rehearsal.ask(elif, place, 'status vpp Contoso Retail');
    const { verb, data } = buttonOn(card, 'Sync now');
    const press = sandbox.client.activities.invoke(elif, place, {
      conversationId: place.id,
      name: 'adaptiveCard/action',
      value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' },
      replyToId: card.id,
    });
    const before = posts();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => door.send(press)));
    for (const { status, body } of outcomes) {
      assert.deepEqual([status, (body as { statusCode?: number }).statusCode], [200, 200], JSON.stringify(body));
    }
    await rehearsal.waitForWords(place, /Contoso Retail/);
    assert.equal(posts(), before + 1, wordsOf(card));
  });
});

suite('inbound sdk paths', async () => {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
  const { config, sandbox } = rehearsal;
  const door = createDoor(rehearsal);
  const tenant = door.chat.tenantId;
  const botId = config.bot.id;

  /** Whom the SDK takes for its emulator, or for a skill: whoever has a token of any tenant in the name of the bot itself. */
  const anyTenants = [tenant, '00000000-1111-4222-8333-444444444444', 'd6d49420-f39b-4df7-a1dc-d59a935871db'].flatMap(
    (id) => [
      `https://sts.windows.net/${id}/`,
      `https://login.microsoftonline.com/${id}/v2.0`,
      `https://login.microsoftonline.us/${id}/v2.0`,
      `${config.authorityUrl}/${id}/v2.0`,
    ],
  );
  const inItsOwnName: readonly Readonly<Record<string, unknown>>[] = [
    { aud: botId, azp: botId, ver: '2.0' },
    { aud: botId, appid: botId, ver: '1.0' },
    { aud: botId, appid: botId },
    { aud: botId, appid: '', ver: '1.0' },
    { aud: botId, azp: '', ver: '2.0' },
    { aud: botId, azp: '00000000-1111-4222-8333-444444444444', ver: '2.0' },
    { aud: '', appid: '', ver: '1.0' },
  ];

  suite('a token of a tenant in the name of the bot itself is refused (401), even one that the channel’s own key signed,', () => {
    for (const iss of anyTenants) {
      test(iss, async () => {
        for (const claims of inItsOwnName) {
          for (const more of [{}, { tid: tenant }, { oid: door.ada.aadObjectId, tid: tenant }]) {
            await door.isRefused(401, door.message(), { claims: { ...claims, ...more, iss } });
          }
        }
      });
    }

    test('and one that Entra signed', async () => {
      for (const claims of inItsOwnName) {
        const token = await sandbox.entra.issueAssertion(door.ada, {
          claims: { ...claims, serviceurl: door.message().serviceUrl },
        });
        await door.isRefused(401, door.message(), { authorization: `Bearer ${token}` });
      }
    });
  });

  test('a hundred of them teach the SDK no issuer', async () => {
    const { issuer } = EmulatorValidation.ToBotFromEmulatorTokenValidationParameters as {
      readonly issuer: readonly string[];
    };
    const before = [...issuer];
    for (let number = 0; number < 100; number += 1) {
      const tid = `00000000-1111-4222-8333-${String(number).padStart(12, '0')}`;
      const claims = { aud: botId, azp: botId, tid, iss: `https://sts.windows.net/${tid}/` };
      await door.send(door.message(), { claims });
    }
    assert.deepEqual([...issuer], before);
  });

  suite('a request that the SDK would check in another way is checked in the one way there is:', () => {
    for (const channelId of ['AseChannel', 'emulator', 'directline']) {
      test(`channel ${channelId}: without a token 401, with the channel’s 403`, async () => {
        await door.isRefused(401, door.message({ channelId }), { authorization: null });
        await door.isRefused(401, door.message({ channelId }), {
          claims: { iss: anyTenants[0], aud: botId, azp: botId },
        });
        await door.isRefused(403, door.message({ channelId }));
      });
    }

    test('an anonymous skill', async () => {
      const from = { id: 'skill', role: 'skill', aadObjectId: door.ada.aadObjectId };
      await door.isRefused(401, door.message({ from }), { authorization: null });
      await door.isRefused(401, door.message({ from }), { claims: { appid: 'AnonymousSkill', iss: undefined } });
    });

    test('claims of a skill in a token of the channel make nobody more than the channel is', async () => {
      await door.isAnswered(door.message(), { claims: { appid: '00000000-1111-4222-8333-444444444444', ver: '1.0' } });
    });

    test('claims of any kind in a token of the channel are no fault', async () => {
      for (const odd of [{ toString: 1, valueOf: 1 }, null, [], { __proto__: null }, 5, true]) {
        await door.isAnswered(door.message(), { claims: { odd, role: odd } });
      }
    });
  });
});
