import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { type ConversationReference, SendingError } from '../../src/domain/turn.ts';
import { type ConnectorClientOptions, createConnectorClient } from '../../src/teams/connector.ts';
import { ConnectorError, type ConnectorErrorParts } from '../../src/teams/connector-error.ts';
import type { SendPace, SendPlace } from '../../src/teams/send-pace.ts';
import { startLocalServer, withJson, withNothing, withReset } from '../support/local-server.ts';
import { createRuntime } from '../support/runtime.ts';

suite('connector client', () => {
  const now = Date.UTC(2026, 10, 23, 9, 0, 0);
  const message = { type: 'message', text: 'Übung' };
  const taken = withJson(201, { id: '1700000000001' });

  async function startConnector({
    random = () => 0,
    ...options
  }: Partial<ConnectorClientOptions> & { readonly random?: () => number } = {}) {
    const server = await startLocalServer(taken);
    const waits: number[] = [];
    const client = createConnectorClient({
      findToken: async () => undefined,
      isAllowed: (url) => url.startsWith(server.url),
      isServed: (tenantId) => tenantId === 'tenant',
      pace: { count: () => undefined, waitForRoom: async () => undefined },
      runtime: createRuntime({ now: () => now, wait: async (ms) => void waits.push(ms), random }),
      ...options,
    });
    const address = `${server.url}/emea/`;
    const chat: ConversationReference = {
      serviceUrl: address,
      id: 'a:1',
      kind: 'personal',
      tenantId: 'tenant',
      bot: { id: '28:bot', name: 'VPP Sync' },
    };
    return {
      server,
      waits,
      client,
      chat,
      post: () => client.post({ ...chat, id: 'a:1/ü;messageid=5' }, message),
      edit: () => client.edit(chat, '1700000000001', message),
    };
  }

  const failsWith = (expected: Readonly<Record<string, unknown>>) => (error: unknown) => {
    assert.ok(error instanceof ConnectorError);
    const { reason, status, code, retryAfterMs } = error;
    assert.deepEqual(
      { reason, status, code, retryAfterMs },
      { status: undefined, code: expected.reason, retryAfterMs: undefined, ...expected },
    );
    return true;
  };

  suite('a message', () => {
    test('is posted to its conversation, whatever characters the id has, and its own id comes back', async () => {
      const { server, client, chat, post } = await startConnector();
      assert.equal(await post(), '1700000000001');
      await client.post(chat, message, { replyToId: '17/0' });
      await client.edit(chat, '9', message);
      assert.deepEqual(
        server.seen.map(({ method, url }) => `${method} ${url}`),
        [
          'POST /emea/v3/conversations/a%3A1%2F%C3%BC%3Bmessageid%3D5/activities',
          'POST /emea/v3/conversations/a%3A1/activities/17%2F0',
          'PUT /emea/v3/conversations/a%3A1/activities/9',
        ],
      );
    });

    test('says who it is from, where it belongs, and what it answers', async () => {
      const { server, client, chat } = await startConnector();
      await client.post(chat, message, { replyToId: '5' });
      await client.edit(chat, '9', message);
      const { serviceUrl, bot: from } = chat;
      const addressed = { ...message, channelId: 'msteams', serviceUrl, from, conversation: { id: 'a:1' } };
      assert.deepEqual(
        server.seen.map(({ body }) => JSON.parse(body)),
        [
          { ...addressed, replyToId: '5' },
          { ...addressed, id: '9' },
        ],
      );
    });

    test('that is targeted names its recipient when it is posted, and never when it is edited', async () => {
      const { server, client, chat } = await startConnector();
      const hers = { ...chat, id: '19:1', kind: 'groupChat' as const, onlyFor: { teamsId: '29:ada', name: 'Ada' } };
      await client.post(hers, message, { replyToId: '5' });
      await client.edit(hers, '9', message);
      const { serviceUrl, bot: from } = chat;
      const addressed = { ...message, channelId: 'msteams', serviceUrl, from, conversation: { id: '19:1' } };
      const recipient = { id: '29:ada', name: 'Ada', isTargeted: true };
      assert.deepEqual(
        server.seen.map(({ method, url, body }) => [`${method} ${url}`, JSON.parse(body)]),
        [
          [
            'POST /emea/v3/conversations/19%3A1/activities?isTargetedActivity=true',
            { ...addressed, replyToId: '5', recipient },
          ],
          ['PUT /emea/v3/conversations/19%3A1/activities/9?isTargetedActivity=true', { ...addressed, id: '9' }],
        ],
      );
    });

    test('without an id in its answer, or with no readable answer, counts as sent', async () => {
      const { server, post } = await startConnector();
      for (const answer of [
        withJson(200, {}),
        withJson(200, { id: 5 }),
        withJson(202, undefined),
        withJson(200, null),
      ]) {
        server.answerWith(answer);
        assert.equal(await post(), undefined);
        assert.equal(server.seen.length, 1);
      }
    });
  });

  suite('a post is not repeated, since it may show a message twice', () => {
    for (const status of [400, 403, 404, 409, 413, 500, 502, 503, 504]) {
      test(`after ${status}`, async () => {
        const { server, waits, post } = await startConnector();
        server.answerWith(withJson(status, { error: { code: 'ServiceError' } }), taken);
        await assert.rejects(post, failsWith({ reason: 'refused', status, code: 'ServiceError' }));
        assert.deepEqual([server.seen.length, waits], [1, []]);
      });
    }

    test('after a cut connection', async () => {
      const { server, post } = await startConnector();
      server.answerWith(withReset, taken);
      await assert.rejects(post, failsWith({ reason: 'unreachable' }));
      assert.equal(server.seen.length, 1);
    });

    test('after no answer by the deadline', async (t) => {
      // The deadline of 10 s is checked ten times; here all of them come at once.
      const asked: number[] = [];
      t.mock.method(globalThis, 'setInterval', (check: () => void, ms: number) => {
        asked.push(ms);
        return setTimeout(() => {
          for (let time = 0; time < 10; time += 1) check();
        }, 1);
      });
      const { server, post } = await startConnector();
      server.answerWith(withNothing);
      await assert.rejects(post, failsWith({ reason: 'unreachable' }));
      assert.ok(asked.includes(1_000), `${asked}`);
    });
  });

  suite('a post that was surely not taken (429) is repeated', () => {
    const tooMany = (headers: Readonly<Record<string, string>> = {}) =>
      withJson(429, { error: { code: 'TooManyRequests' } }, headers);

    test('after the time that Retry-After asks for, as seconds or as a date', async () => {
      const { server, waits, post } = await startConnector();
      const date = new Date(now + 7_000).toUTCString();
      server.answerWith(tooMany({ 'retry-after': '3' }), tooMany({ 'retry-after': date }), taken);
      assert.equal(await post(), '1700000000001');
      assert.deepEqual(waits, [3_000, 7_000]);
    });

    test('after growing waits when nothing is said, four times at most', async () => {
      const { server, waits, post } = await startConnector();
      server.answerWith(tooMany());
      await assert.rejects(post, failsWith({ reason: 'refused', status: 429, code: 'TooManyRequests' }));
      assert.deepEqual([server.seen.length, waits], [4, [1_000, 2_000, 4_000]]);
    });

    test('with waits of its own length each, so that many do not come back together', async () => {
      const { server, waits, post } = await startConnector({ random: () => 0.5 });
      server.answerWith(tooMany(), taken);
      await post();
      assert.deepEqual(waits, [1_500]);
    });

    test('unless that would take over 30 s: then the sender learns how long', async () => {
      const { server, waits, post } = await startConnector();
      server.answerWith(tooMany({ 'retry-after': '31' }), taken);
      const expected = { reason: 'refused', status: 429, code: 'TooManyRequests', retryAfterMs: 31_000 };
      await assert.rejects(post, failsWith(expected));
      assert.deepEqual([server.seen.length, waits], [1, []]);
    });
  });

  suite('a post that Teams certainly did not take is repeated', () => {
    for (const [status, code] of [
      [412, 'PreconditionFailed'],
      [429, 'TooManyRequests'],
      [404, 'ConversationNotFound'],
    ] as const)
      test(`after ${status} ${code}, with a wait, four times at most`, async () => {
        const { server, waits, post } = await startConnector();
        server.answerWith(withJson(status, { error: { code } }), taken);
        assert.equal(await post(), '1700000000001');
        assert.deepEqual([server.seen.length, waits], [2, [1_000]]);
        server.answerWith(withJson(status, { error: { code } }));
        await assert.rejects(post, failsWith({ reason: 'refused', status, code }));
        assert.equal(server.seen.length, 4);
      });

    test('after nobody listened, or the bot had no token for a moment', async () => {
      let failures = 1;
      const findToken = async () => {
        if (failures-- > 0) throw new Error('Entra is away');
        return undefined;
      };
      const { server, post } = await startConnector({ findToken });
      await post();
      assert.equal(server.seen.length, 1);
    });
  });

  suite('an edit may be repeated, since it writes the same message again', () => {
    for (const status of [412, 429, 500, 502, 503, 504]) {
      test(`after ${status}`, async () => {
        const { server, edit } = await startConnector();
        server.answerWith(withJson(status, {}), taken);
        await edit();
        assert.equal(server.seen.length, 2);
      });
    }

    test('after a cut connection, with a wait, four times at most', async () => {
      const { server, waits, edit } = await startConnector();
      server.answerWith(withReset, withReset, taken);
      await edit();
      assert.deepEqual([server.seen.length, waits], [3, [1_000, 2_000]]);
      server.answerWith(withReset);
      await assert.rejects(edit, failsWith({ reason: 'unreachable' }));
      assert.equal(server.seen.length, 4);
    });

    test('but not when it was refused for good', async () => {
      const { server, edit } = await startConnector();
      for (const status of [400, 403, 404, 413]) {
        server.answerWith(withJson(status, { error: { code: 'No' } }), taken);
        await assert.rejects(edit, failsWith({ reason: 'refused', status, code: 'No' }));
        assert.equal(server.seen.length, 1);
      }
    });
  });

  suite('room under Teams’ limits', () => {
    function createPace(missingMs?: number) {
      const asked: unknown[] = [];
      return {
        asked,
        count: (place: SendPlace) => void asked.push(place),
        async waitForRoom(...of: Parameters<SendPace['waitForRoom']>) {
          asked.push(of);
          return missingMs;
        },
      };
    }
    const placesOf = (asked: readonly unknown[]) =>
      asked.map((each) =>
        Array.isArray(each) ? [(each[0] as SendPlace).id, ...each.slice(1)] : (each as SendPlace).id,
      );

    test('is taken at once by an answer to a person, again by each further try, and by no read', async () => {
      const pace = createPace();
      const { server, client, chat } = await startConnector({ pace });
      server.answerWith(withJson(429, {}), taken);
      await client.post(chat, message);
      await client.edit(chat, '17', message);
      await client.findMemberName(chat, '29:ada');
      assert.deepEqual(placesOf(pace.asked), ['a:1', 'a:1', 'a:1']);
    });

    test('is waited for by what can wait', async () => {
      const pace = createPace();
      const { signal } = new AbortController();
      const { server, client, chat } = await startConnector({ pace });
      await client.post(chat, message, { roomWithinMs: 5_000, signal });
      assert.deepEqual(placesOf(pace.asked), [['a:1', 5_000, signal]]);
      assert.equal(server.seen.length, 1);
    });

    test('that is not there in time leaves a message unsent, and says when there will be', async () => {
      const { server, client, chat } = await startConnector({ pace: createPace(7_000) });
      const sent = client.post(chat, message, { roomWithinMs: 5_000 });
      await assert.rejects(sent, failsWith({ reason: 'noRoom', retryAfterMs: 7_000 }));
      assert.equal(server.seen.length, 0);
    });

    test('that is not there in time is done without by what must not wait longer', async () => {
      const pace = createPace(7_000);
      const { server, client, chat } = await startConnector({ pace });
      await client.post(chat, message, { roomWithinMs: 3_000, goesWithoutRoom: true });
      assert.deepEqual(placesOf(pace.asked), [['a:1', 3_000, undefined], 'a:1']);
      assert.equal(server.seen.length, 1);
    });
  });

  test('a call that is tried once is not repeated whatever comes', async () => {
    const { server, waits, client, chat } = await startConnector();
    for (const work of [
      () => client.post(chat, message, { isTriedOnce: true }),
      () => client.edit(chat, '17', message, { isTriedOnce: true }),
    ]) {
      server.answerWith(withJson(429, {}, { 'retry-after': '3' }), taken);
      await assert.rejects(work, failsWith({ reason: 'refused', status: 429, code: '429', retryAfterMs: 3_000 }));
      assert.deepEqual([server.seen.length, waits], [1, []]);
    }
  });

  suite('a person’s chat', () => {
    const ada = { teamsId: '29:ada', tenantId: 'tenant' };

    test('is found or begun by their id and tenant', async () => {
      const { server, client, chat } = await startConnector();
      server.answerWith(withJson(201, { id: 'a:1' }));
      assert.equal(await client.openPersonal(ada, chat), 'a:1');
      assert.equal(`${server.seen[0]?.method} ${server.seen[0]?.url}`, 'POST /emea/v3/conversations');
      assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), {
        isGroup: false,
        bot: { id: '28:bot' },
        members: [{ id: '29:ada' }],
        tenantId: 'tenant',
        channelData: { tenant: { id: 'tenant' } },
      });
    });

    test('has no id when Teams says none', async () => {
      const { server, client, chat } = await startConnector();
      server.answerWith(withJson(201, {}));
      assert.equal(await client.openPersonal(ada, chat), undefined);
    });
  });

  suite('the bot’s token', () => {
    const canary = 'canary-of-the-bot-token';
    const findToken = async () => canary;

    test('goes to an allowed address', async () => {
      const { server, post } = await startConnector({ findToken });
      await post();
      assert.equal(server.seen[0]?.headers.authorization, `Bearer ${canary}`);
    });

    test('is not even asked for when the address is refused', async () => {
      let asked = 0;
      const { server, client, chat, post, edit } = await startConnector({
        isAllowed: () => false,
        findToken: async () => {
          asked += 1;
          return canary;
        },
      });
      const open = () => client.openPersonal({ teamsId: '29:ada', tenantId: 'tenant' }, chat);
      for (const work of [post, edit, open]) await assert.rejects(work, failsWith({ reason: 'addressRefused' }));
      assert.deepEqual([asked, server.seen.length], [0, 0]);
    });

    test('is not even asked for when the tenant is not served any more; whoever waits may try again', async () => {
      const findToken = () => assert.fail('the token is asked for');
      const { server, client, chat } = await startConnector({ findToken });
      const leftOut = { ...chat, tenantId: 'left out' };
      for (const work of [
        () => client.post(leftOut, message),
        () => client.edit(leftOut, '17', message),
        () => client.findMemberName(leftOut, '29:ada'),
        () => client.openPersonal({ teamsId: '29:ada', tenantId: 'left out' }, chat),
      ]) {
        await assert.rejects(work, (error: ConnectorError) => {
          assert.equal(error.fault, 'passing');
          return failsWith({ reason: 'tenantRefused' })(error);
        });
      }
      assert.equal(server.seen.length, 0);
    });

    test('that cannot be had leaves the message unsent', async () => {
      const failure = new Error('invalid_client');
      const { server, edit } = await startConnector({ findToken: () => Promise.reject(failure) });
      await assert.rejects(edit, failsWith({ reason: 'noToken' }));
      assert.equal(server.seen.length, 0);
    });

    test('does not follow a redirect', async () => {
      const elsewhere = await startLocalServer(taken);
      const { server, post } = await startConnector({ findToken });
      for (const status of [301, 302, 303, 307, 308]) {
        server.answerWith(withJson(status, {}, { location: `${elsewhere.url}/v3/steal` }));
        await assert.rejects(post, failsWith({ reason: 'unreachable' }));
      }
      assert.equal(elsewhere.seen.length, 0);
    });

    test('is left out where none is to be sent', async () => {
      const { server, post } = await startConnector();
      await post();
      assert.equal(server.seen[0]?.headers.authorization, undefined);
    });

    test('and no text stand in any error', async () => {
      const { server, post } = await startConnector({ findToken });
      for (const answer of [withReset, withJson(500, { error: { code: 'X', message: canary } })]) {
        server.answerWith(answer);
        await assert.rejects(post, (error: Error) => {
          assert.ok(!error.message.includes(canary) && !error.message.includes('Übung'));
          return true;
        });
      }
    });
  });
});

suite('sending fault', () => {
  const refused = (status: number, code?: string): ConnectorErrorParts => ({ reason: 'refused', status, code });
  const faultOf = (parts: ConnectorErrorParts) => new ConnectorError(parts).fault;

  test('what passes by itself: throttling, Teams’ own trouble, no answer, no token, no room, a tenant left out', () => {
    for (const status of [408, 412, 429, 500, 502, 503, 504]) assert.equal(faultOf(refused(status, 'X')), 'passing');
    for (const reason of ['unreachable', 'noToken', 'noRoom', 'tenantRefused'] as const)
      assert.equal(faultOf({ reason }), 'passing');
  });

  test('a 401 is the bot’s own trouble unless Teams does not know the bot', () => {
    assert.equal(faultOf(refused(401)), 'passing');
    assert.equal(faultOf(refused(401, 'Unauthorized')), 'passing');
    assert.equal(faultOf(refused(401, 'BotNotRegistered')), 'closed');
  });

  test('what ends a conversation for the bot until something changes there', () => {
    for (const code of [
      'BotNotInConversationRoster',
      'ConversationBlockedByUser',
      'BotDisabledByAdmin',
      'NotEnoughPermissions',
      'ForbiddenOperationException',
      'InvalidBotApiHost',
      'MessageWritesBlocked',
      'SomethingNew',
    ])
      assert.equal(faultOf(refused(403, code)), 'closed', code);
    assert.equal(faultOf(refused(404, 'ConversationNotFound')), 'passing', 'Teams may find it again');
    assert.equal(faultOf({ reason: 'addressRefused' }), 'closed');
  });

  test('a message that is gone is not a conversation that is gone', () => {
    for (const code of ['ActivityNotFoundInConversation', 'MessageNotFound', 'ActivityNotFound'])
      assert.equal(faultOf(refused(404, code)), 'messageGone');
  });

  test('all else is refused for good', () => {
    for (const status of [400, 404, 405, 409, 413]) assert.equal(faultOf(refused(status, 'X')), 'refused');
  });

  test('says what went wrong in Teams’ own word, or by status, or by reason', () => {
    assert.equal(new ConnectorError(refused(403, 'BotDisabledByAdmin')).code, 'BotDisabledByAdmin');
    assert.equal(new ConnectorError(refused(502)).code, '502');
    assert.equal(new ConnectorError({ reason: 'unreachable' }).code, 'unreachable');
    const cause = new Error('reset');
    const error = new ConnectorError({ reason: 'refused', status: 429, retryAfterMs: 5, cause });
    assert.ok(error instanceof SendingError);
    assert.deepEqual([error.retryAfterMs, error.cause, error.name], [5, cause, 'ConnectorError']);
  });

  test('what Teams broke off over, or did not answer, may have been taken; what it refused, or never got, was not', () => {
    const mayBeTaken = (parts: ConnectorErrorParts) => new ConnectorError(parts).mayBeTaken;
    for (const status of [408, 500, 502, 503, 504]) assert.equal(mayBeTaken(refused(status)), true, String(status));
    assert.equal(mayBeTaken({ reason: 'unreachable', cause: new Error('timeout') }), true);
    const failed = (syscall: string, code: string) => Object.assign(new Error(code), { syscall, code });
    for (const [cause, isTaken] of [
      [failed('connect', 'EHOSTUNREACH'), false],
      [failed('connect', 'ETIMEDOUT'), false],
      [failed('getaddrinfo', 'ENOTFOUND'), false],
      [new AggregateError([failed('connect', 'ECONNREFUSED')]), false],
      [failed('read', 'ECONNRESET'), true],
      [failed('write', 'EPIPE'), true],
    ] as const)
      assert.equal(mayBeTaken({ reason: 'unreachable', cause }), isTaken, cause.message);
    for (const status of [400, 401, 403, 404, 412, 413, 429])
      assert.equal(mayBeTaken(refused(status)), false, String(status));
    for (const reason of ['addressRefused', 'tenantRefused', 'noToken', 'noRoom'] as const)
      assert.equal(mayBeTaken({ reason }), false);
  });

  test('a connection that was never made took nothing; one that broke may have', async (t) => {
    const server = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const connector = createConnectorClient({
      findToken: async () => undefined,
      isAllowed: () => true,
      isServed: () => true,
      pace: { count: () => undefined, waitForRoom: async () => undefined },
      runtime: createRuntime(),
    });
    const send = (at: number) =>
      connector.post(
        {
          serviceUrl: `http://127.0.0.1:${at}`,
          id: 'a:1',
          kind: 'personal',
          tenantId: 'tenant',
          bot: { id: '28:bot', name: 'VPP Sync' },
        },
        { type: 'message' },
      );
    await assert.rejects(send(port), { fault: 'passing', mayBeTaken: true });
    const closed = await new Promise<number>((resolve) => {
      const other = createServer().listen(0, '127.0.0.1', () => {
        const { port: free } = other.address() as AddressInfo;
        other.close(() => resolve(free));
      });
    });
    await assert.rejects(send(closed), { fault: 'passing', mayBeTaken: false });
  });
});
