import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { exportSPKI, importJWK, type JWK, SignJWT } from 'jose';
import { northwind } from '../../sandbox/seed/tenants.ts';
import type { DeliveryOverrides } from '../../sandbox/teams/delivery.ts';
import { tenantId } from '../support/environment.ts';
import { startRehearsal } from '../support/rehearsal.ts';
import { type Changes, createDoor } from './door.ts';
import { startGuardedServer } from './guarded-server.ts';

suite('inbound forbidden', async () => {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
  const { sandbox } = rehearsal;
  const door = createDoor(rehearsal);
  const { host, port } = new URL(sandbox.baseUrl);
  const here = door.message();
  const conversation = here.conversation as Changes;

  suite('a signed request is refused (403) that asks for answers at', () => {
    for (const serviceUrl of [
      'https://evil.example/connector/',
      `http://user@${host}/connector/`,
      `http://user:pass@${host}/connector/`,
      `http://${host}@evil.example/connector/`,
      `http://127.0.0.1:${Number(port) + 1}/connector/`,
      `https://${host}/connector/`,
      `http://localhost:${port}/connector/`,
      `http://127.0.0.1.evil.example:${port}/connector/`,
      `http://${host}/`,
      `http://${host}/connector-of-somebody-else/`,
      `http://${host}/connector/../graph/`,
      `http://${host}/connector/%2e%2e/graph/`,
      `http://${host}/graph/connector/`,
      `http://${host}/connector/?to=evil`,
      `http://${host}/connector/#evil`,
      'https://smba.trafficmanager.net.evil.example/emea/',
      'https://smba.trafficmanager.net:8443/emea/',
      'http://smba.trafficmanager.net/emea/',
      'https://smba.infra.gov.teams.microsoft.us/',
      'file:///etc/passwd',
      '',
    ]) {
      // The token says the same address, so only the list of allowed ones refuses it.
      test(serviceUrl || 'no address', () => door.isRefused(403, door.message({ serviceUrl })));
    }
  });

  suite('a signed request is refused (403) that comes', () => {
    for (const channelId of ['emulator', 'webchat', 'directline', 'MSTeams', 'msteams ', '', null]) {
      test(`from the channel ${JSON.stringify(channelId)}`, () => door.isRefused(403, door.message({ channelId })));
    }

    const tenants: Readonly<Record<string, Changes>> = {
      'from a tenant that is not allowed': {
        conversation: { ...conversation, tenantId: northwind.id },
        channelData: { tenant: { id: northwind.id } },
      },
      'from a tenant that is not allowed, named in one of two places alone': {
        conversation: { ...conversation, tenantId: undefined },
        channelData: { tenant: { id: northwind.id } },
      },
      'from an allowed tenant in a conversation of another': {
        conversation: { ...conversation, tenantId: northwind.id },
      },
      'from another tenant in a conversation of an allowed one': {
        channelData: { tenant: { id: northwind.id } },
      },
      'from two allowed tenants at once': {
        channelData: { tenant: { id: sandbox.person('signe').tenantId } },
      },
      'from an allowed and an empty tenant': { channelData: { tenant: { id: '' } } },
      'from no tenant': { conversation: { ...conversation, tenantId: undefined }, channelData: undefined },
      'from no tenant, in nulls': { conversation: { ...conversation, tenantId: null }, channelData: { tenant: null } },
      'without conversation and channel data': { conversation: undefined, channelData: undefined },
      'from a tenant whose id has spaces around': {
        conversation: { ...conversation, tenantId: ` ${door.chat.tenantId}` },
        channelData: { tenant: { id: ` ${door.chat.tenantId}` } },
      },
      'from a tenant in the person’s own words alone': {
        conversation: { id: door.chat.id },
        channelData: undefined,
        from: { ...(here.from as Changes), tenantId: door.chat.tenantId },
      },
    };
    for (const [name, changes] of Object.entries(tenants)) test(name, () => door.isRefused(403, door.message(changes)));

    test('by an invoke from elsewhere, before any sign-in is read', () => {
      const value = { id: 'x', connectionName: 'vpp-sync', token: 'canary' };
      const changes = {
        type: 'invoke',
        name: 'signin/tokenExchange',
        value,
        channelData: { tenant: { id: northwind.id } },
      };
      return door.isRefused(403, door.message(changes));
    });
  });

  suite('a signed request is let in', () => {
    test('when one of the two places says its tenant', async () => {
      await door.isAnswered(door.message({ channelData: undefined }));
      await door.isAnswered(door.message({ conversation: { ...conversation, tenantId: undefined } }));
    });

    test('in whichever case its tenant is written', () =>
      door.isAnswered(door.message({ channelData: { tenant: { id: door.chat.tenantId.toUpperCase() } } })));

    test('from a guest within an allowed conversation', () => {
      const gita = sandbox.person('gita');
      return door.isAnswered(door.messageFrom(gita, sandbox.conversations.personal(gita)));
    });
  });
});

suite('inbound malformed', async () => {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
  // Much is answered here in one chat within a second.
  rehearsal.sandbox.connector.setRateLimits(false);
  const door = createDoor(rehearsal);
  const good = JSON.stringify(door.message());
  const nested = (depth: number) => good.replace('{', `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)},`);

  suite('a signed request is refused (400)', () => {
    const bodies: Readonly<Record<string, string>> = {
      'when empty': '',
      'when not JSON': 'sync contoso',
      'when cut off': good.slice(0, -1),
      'as a list of activities': `[${good}]`,
      'as null': 'null',
      'without a type': good.replace('"type":"message",', ''),
      'with an empty type': good.replace('"type":"message"', '"type":""'),
      'with a type that is a number': good.replace('"type":"message"', '"type":5'),
      'with a type that is null': good.replace('"type":"message"', '"type":null'),
      'when nested 65 deep': nested(65),
      'when nested 50,000 deep': nested(50_000),
    };
    for (const [name, rawBody] of Object.entries(bodies)) {
      test(name, () => door.isRefused(400, door.message(), { rawBody }));
    }

    const wrong: readonly Changes[] = [
      ...['id', 'name', 'channelId', 'serviceUrl', 'text', 'locale', 'replyToId', 'action', 'deliveryMode'].map(
        (name) => ({ [name]: 5 }),
      ),
      { text: {} },
      { text: ['sync'] },
      { text: true },
      { entities: {} },
      { entities: 'x' },
      { attachments: {} },
      { membersAdded: 'x' },
      { membersRemoved: {} },
      { from: 'x' },
      { from: [] },
      { from: { id: 5 } },
      { from: { id: '29:a', aadObjectId: {} } },
      { from: { id: '29:a', name: 5 } },
      { recipient: 5 },
      { recipient: { id: [] } },
      { conversation: 'a:1' },
      { conversation: [] },
      { conversation: { id: 5 } },
      { conversation: { tenantId: {} } },
      { conversation: { conversationType: 5 } },
      { channelData: 'x' },
      { channelData: { tenant: 'x' } },
      { channelData: { tenant: { id: 5 } } },
      { channelData: { team: [] } },
      { channelData: { eventType: 5 } },
    ];
    for (const changes of wrong) {
      test(`with ${JSON.stringify(changes)}`, () => {
        // Signed for what it would be at the right address, so that its form alone is at fault.
        const claims = { serviceurl: door.message().serviceUrl };
        return door.isRefused(400, door.message(changes), { claims });
      });
    }

    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/json',
      '',
    ]) {
      test(`with content type ${type || 'none'}`, () =>
        door.isRefused(400, door.message(), { headers: { 'content-type': type } }));
    }

    test('when not UTF-8', async () => {
      const head = headOf();
      const body = Buffer.concat([
        Buffer.from(good.slice(0, -1)),
        Buffer.from(',"x":"'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ]);
      const answer = await sayRaw(Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]));
      assert.match(answer, /^HTTP\/1\.1 400 /);
    });
  });

  test('a good request of the same form is answered', () => door.isAnswered(door.message()));

  test('brackets within texts are no nesting', () => door.isAnswered(door.message({ value: '[{'.repeat(500) })));

  suite('null counts as absent', () => {
    const names = Object.keys(JSON.parse(good)).filter((name) => !['type', 'channelId', 'serviceUrl'].includes(name));
    for (const name of names) {
      test(`${name} is null`, async () => {
        const { status } = await door.send(door.message({ [name]: null }));
        assert.equal(status, 200);
      });
    }

    test('everything that may be is null at once', async () => {
      const { conversation, ...rest } = Object.fromEntries(names.map((name) => [name, null]));
      assert.equal(conversation, null);
      const place = { id: null, tenantId: door.chat.tenantId, conversationType: null, name: null, isGroup: null };
      for (const type of ['message', 'conversationUpdate', 'installationUpdate']) {
        const { status } = await door.send(door.message({ type, ...rest, conversation: place }));
        assert.equal(status, 200, type);
      }
    });

    test('lists hold nulls and odd things', async () => {
      const odd = [null, 5, 'x', [], {}, { type: 'mention', mentioned: null }];
      for (const type of ['message', 'conversationUpdate']) {
        const changes = { type, entities: odd, attachments: odd, membersAdded: odd, membersRemoved: odd };
        assert.equal((await door.send(door.message(changes))).status, 200, type);
      }
    });
  });

  suite('a body over 256 KB is refused (413), and the sender hears it', () => {
    const large = 'x'.repeat(4 * 1024 * 1024);

    test('with its length announced', async () => {
      for (let time = 0; time < 5; time += 1) {
        await door.isRefused(413, door.message(), { rawBody: `{"type":"message","text":"${large}"}` });
      }
    });

    test('in chunks', async () => {
      const head = `${headOf()}transfer-encoding: chunked\r\n\r\n`;
      const chunk = `${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`;
      for (let time = 0; time < 5; time += 1) {
        const answer = await sayRaw(Buffer.from(`${head}${chunk.repeat(64)}0\r\n\r\n`));
        assert.match(answer, /^HTTP\/1\.1 413 [^\r]*\r\n/);
      }
    });

    test('without waiting for the rest of it', async () => {
      const answer = await sayRaw(Buffer.from(`${headOf()}content-length: 999999999\r\n\r\n{"type":`));
      assert.match(answer, /^HTTP\/1\.1 413 /);
    });

    test('and one of 250 KB is let in', () => door.isAnswered(door.message({ text: 'y'.repeat(250 * 1024) })));
  });

  function headOf(): string {
    const all = {
      host: new URL(rehearsal.botUrl).host,
      'content-type': 'application/json',
      authorization: 'Bearer some.bodys.token',
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return `POST /api/messages HTTP/1.1\r\n${lines.join('')}`;
  }

  /** Writes bytes to the bot's port and resolves with what came back before the connection ended. */
  function sayRaw(bytes: Buffer): Promise<string> {
    const socket = connect(Number(new URL(rehearsal.botUrl).port), '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    // A reset after the answer loses nothing that was heard; before it, `heard` stays empty and the test fails.
    socket.on('error', () => undefined);
    socket.write(bytes);
    return new Promise((resolve) => socket.once('close', () => resolve(heard)));
  }
});

suite('inbound refusals', async () => {
  const clock = { now: Date.UTC(2026, 10, 23) };
  const { port, lines, letIn, counted, verifications } = await startGuardedServer({ now: () => clock.now });

  let last = 0;

  /** An activity that would be let in. */
  function activity(changes: Readonly<Record<string, unknown>> = {}) {
    last += 1;
    return {
      type: 'event',
      id: `${last}`,
      channelId: 'msteams',
      serviceUrl: 'https://smba.trafficmanager.net/emea/',
      from: { id: '29:ada', aadObjectId: 'ada', name: 'Ada' },
      conversation: { id: 'a:1', tenantId },
      channelData: { tenant: { id: tenantId } },
      ...changes,
    };
  }

  async function knock(body: string, headers: Readonly<Record<string, string>> = {}) {
    for (const list of [lines, letIn, counted, verifications]) list.length = 0;
    const response = await fetch(`http://127.0.0.1:${port}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer good', ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  const personMany = async (times: number) => {
    for (let time = 0; time < times; time += 1) await knock(JSON.stringify(activity()));
  };

  suite('a refusal has its status, one line in the log that says why, and nothing for the caller:', () => {
    const evil = 'https://evil.example/canary-of-an-address';
    const refusals: readonly [why: RegExp, status: number, body: string, headers?: Readonly<Record<string, string>>][] =
      [
        [/content type/, 400, JSON.stringify(activity()), { 'content-type': 'text/plain' }],
        [/not JSON/, 400, '{"type":'],
        [/nested too deep/, 400, `{"type":"event","x":${'['.repeat(70)}${']'.repeat(70)}}`],
        [/conversation\.id is not of its form/, 400, JSON.stringify(activity({ conversation: { id: 5 } }))],
        [/no bearer token/, 401, JSON.stringify(activity()), { authorization: 'Bearer canary-of-a-token' }],
        [/channel is not msteams/, 403, JSON.stringify(activity({ channelId: 'emulator' }))],
        [/serviceurl claim differs/, 401, JSON.stringify(activity({ serviceUrl: evil }))],
        [
          /serviceUrl/,
          403,
          JSON.stringify(activity({ serviceUrl: evil })),
          { authorization: `Bearer good for ${evil}` },
        ],
        [/tenants disagree/, 403, JSON.stringify(activity({ channelData: { tenant: { id: 'canary-of-a-tenant' } } }))],
        [/256 KB/, 413, `{"type":"event","text":"${'canary-of-a-text'.repeat(20_000)}"}`],
      ];
    for (const [why, status, body, headers] of refusals) {
      test(`${status}, ${why.source}`, async () => {
        const answer = await knock(body, headers);
        assert.deepEqual([answer.status, answer.text], [status, '']);
        isOneLine(status, why);
        for (const name of ['server', 'x-powered-by', 'www-authenticate', 'content-type']) {
          assert.equal(answer.headers.get(name), null, name);
        }
        assert.deepEqual(letIn, []);
      });
    }

    test('429, too many from one person', async () => {
      clock.now += 60_000;
      await personMany(60);
      const answer = await knock(JSON.stringify(activity()));
      assert.deepEqual([answer.status, answer.text], [429, '']);
      isOneLine(429, /too many from one person/);
      assert.deepEqual(letIn, []);
    });

    function isOneLine(status: number, why: RegExp): void {
      assert.equal(lines.length, 1, JSON.stringify(lines));
      const { level, fields, message } = lines[0] as (typeof lines)[number];
      assert.deepEqual(
        [level, message, (fields as { status?: number }).status],
        ['info', 'an activity was refused', status],
      );
      assert.match(String((fields as { why?: string }).why), why);
      assert.doesNotMatch(JSON.stringify(fields), /canary|ada|29:/i, 'the line says who or what it was');
      assert.deepEqual(counted, [status]);
    }
  });

  test('what is let in is logged by what it does, not here', async () => {
    clock.now += 60_000;
    const answer = await knock(JSON.stringify(activity()));
    assert.equal(answer.status, 200);
    assert.deepEqual([lines, letIn.length, counted], [[], 1, [200]]);
  });

  test('nobody is answered otherwise than over the channel: a request for replies in the answer is not heard', async () => {
    clock.now += 60_000;
    const answer = await knock(JSON.stringify(activity({ deliveryMode: 'expectReplies' })));
    assert.deepEqual([letIn.length, answer.status, answer.text], [1, 200, '']);
  });

  test('a request is verified once, by the guard, and nothing else reaches the SDK', async () => {
    clock.now += 60_000;
    for (const type of ['message', 'invoke', 'installationUpdate', 'event']) {
      await knock(JSON.stringify(activity({ type })), { authorization: 'Bearer forged' });
      assert.deepEqual([verifications, letIn], [['Bearer forged'], []]);
      await knock(JSON.stringify(activity({ type })));
      assert.deepEqual([verifications, letIn.length], [['Bearer good'], 1]);
    }
  });

  suite('the same person, written otherwise,', () => {
    test('has one limit', async () => {
      clock.now += 60_000;
      await personMany(60);
      const from = { id: '29:ada', aadObjectId: 'ADA' };
      assert.equal((await knock(JSON.stringify(activity({ from })))).status, 429);
    });
  });

  suite('ids that no store should meet are malformed (400):', () => {
    const strange = ['a\0b', '\u0007', 'a\nb', 'x'.repeat(513), '\ud800'];
    for (const value of strange) {
      test(JSON.stringify(value).slice(0, 20), async () => {
        clock.now += 60_000;
        for (const changes of [
          { id: value },
          { name: value },
          { replyToId: value },
          { locale: value },
          { from: { id: value } },
          { from: { id: '29:a', aadObjectId: value } },
          { recipient: { id: value } },
          { conversation: { id: value, tenantId } },
          { conversation: { id: 'a:1', tenantId, conversationType: value } },
          { channelData: { tenant: { id: tenantId }, team: { id: value } } },
        ]) {
          assert.equal(
            (await knock(JSON.stringify(activity(changes)))).status,
            400,
            JSON.stringify(changes).slice(0, 60),
          );
        }
      });
    }

    test('and texts and names may be anything', async () => {
      clock.now += 60_000;
      for (const value of strange) {
        const changes = {
          text: value,
          from: { id: '29:a', aadObjectId: 'a', name: value },
          recipient: { id: 'b', name: value },
        };
        assert.equal((await knock(JSON.stringify(activity(changes)))).status, 200);
      }
    });
  });
});

suite('inbound unauthorized', async () => {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
  const { sandbox, config } = rehearsal;
  const door = createDoor(rehearsal);
  const seconds = Math.floor(Date.now() / 1000);
  const goodClaims = {
    iss: config.botIssuer,
    aud: config.bot.id,
    serviceurl: `${sandbox.baseUrl}/connector/`,
    nbf: seconds,
    exp: seconds + 3600,
  };

  async function publicKey(): Promise<JWK> {
    const { keys } = (await (await fetch(`${sandbox.baseUrl}/connector/keys`)).json()) as { keys: JWK[] };
    assert.ok(keys[0]);
    return keys[0];
  }

  /** A token that takes the channel's public key for a shared secret. */
  async function keyConfused(form: 'n' | 'spki'): Promise<string> {
    const jwk = await publicKey();
    const text = form === 'n' ? (jwk.n ?? '') : await exportSPKI((await importJWK(jwk, 'RS256')) as never);
    const signed = new SignJWT(goodClaims).setProtectedHeader({ alg: 'HS256', kid: jwk.kid ?? '', typ: 'JWT' });
    return `Bearer ${await signed.sign(new TextEncoder().encode(text))}`;
  }

  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const none = (alg: string) =>
    `Bearer ${base64({ alg, typ: 'JWT', kid: 'rehearsal-channel' })}.${base64(goodClaims)}.`;

  suite('a request is refused (401), with no reason given and nothing sent,', () => {
    const refused: Readonly<Record<string, DeliveryOverrides>> = {
      'without a token': { authorization: null },
      'with an empty token': { authorization: 'Bearer ' },
      'with a token of another scheme': { authorization: 'Basic Ym90OnNlY3JldA==' },
      'with something that is no token': { authorization: 'Bearer nonsense' },
      'with three parts that are no token': { authorization: 'Bearer aaa.bbb.ccc' },
      'with a token of 20 KB': { authorization: `Bearer ${'a'.repeat(10_000)}.${'b'.repeat(5_000)}.c` },
      'with an unsigned token': { flaw: 'unsigned' },
      'with alg none': { authorization: none('none') },
      'with alg None and a signature': { authorization: `${none('None')}AAAA` },
      'signed with a key nobody published under the right id': { flaw: 'foreignKey' },
      'with a signature that was tampered with': { flaw: 'tampered' },
      'signed with a key of an unknown id': { header: { kid: 'nobodys' } },
      'signed with a key without an id': { header: { kid: undefined } },
      'signed with a key whose id is no text': { header: { kid: 5 } },
      'expired for longer than clocks differ': { claims: { exp: seconds - 330, nbf: seconds - 3600 } },
      'without an end': { claims: { exp: undefined } },
      'with an end that is no number': { claims: { exp: 'tomorrow' } },
      'not yet valid, by more than clocks differ': { claims: { nbf: seconds + 330 } },
      'for another bot': { claims: { aud: '00000000-0000-0000-0000-000000000001' } },
      'for nobody': { claims: { aud: undefined } },
      'for the app that people sign in to': { claims: { aud: config.app.clientId } },
      'of another issuer': { claims: { iss: 'https://login.microsoftonline.com/common/v2.0' } },
      'of an issuer that only begins like the channel': { claims: { iss: `${config.botIssuer}.evil.example` } },
      'of no issuer': { claims: { iss: undefined } },
      'without an address to answer at': { claims: { serviceurl: undefined } },
      'with an address of another name': { claims: { serviceurl: undefined, serviceUrl: goodClaims.serviceurl } },
      'for another address': { claims: { serviceurl: 'https://smba.trafficmanager.net/emea/' } },
      'for an address that differs in two slashes': { claims: { serviceurl: `${goodClaims.serviceurl}/` } },
      'for an address with a user name': {
        claims: { serviceurl: goodClaims.serviceurl.replace('http://', 'http://evil@') },
      },
      'for an address of another scheme': { claims: { serviceurl: goodClaims.serviceurl.replace('http:', 'https:') } },
      'for an address with a query': { claims: { serviceurl: `${goodClaims.serviceurl}?x` } },
      'for addresses in a list': { claims: { serviceurl: [goodClaims.serviceurl] } },
    };
    for (const [name, overrides] of Object.entries(refused)) {
      test(name, () => door.isRefused(401, door.message(), overrides));
    }

    for (const form of ['n', 'spki'] as const) {
      test(`signed by HS256 with the public key (${form})`, async () =>
        door.isRefused(401, door.message(), { authorization: await keyConfused(form) }));
    }

    test('with the assertion of a person', async () => {
      const authorization = `Bearer ${await sandbox.entra.issueAssertion(door.ada)}`;
      await door.isRefused(401, door.message(), { authorization });
    });

    test('when the activity asks for answers elsewhere than the token says', () => {
      const claims = { serviceurl: goodClaims.serviceurl };
      return door.isRefused(401, door.message({ serviceUrl: `${sandbox.baseUrl}/connector/x/` }), { claims });
    });

    test('when the activity says no address', () =>
      door.isRefused(401, door.message({ serviceUrl: undefined }), { claims: { serviceurl: goodClaims.serviceurl } }));

    test('when neither says an address', () =>
      door.isRefused(401, door.message({ serviceUrl: undefined }), { claims: { serviceurl: undefined } }));
  });

  suite('a request is let in', () => {
    test('with a good token', () => door.isAnswered(door.message()));

    for (const [name, serviceurl] of [
      ['without the last slash of the activity’s', goodClaims.serviceurl.slice(0, -1)],
      ['in other letters than the activity’s', goodClaims.serviceurl.replace('connector', 'CONNECTOR')],
    ] as const) {
      test(`with a token for the address ${name}`, () => door.isAnswered(door.message(), { claims: { serviceurl } }));
    }

    test('with clocks that differ by less than five minutes', async () => {
      await door.isAnswered(door.message(), { claims: { exp: seconds - 200 } });
      await door.isAnswered(door.message(), { claims: { nbf: seconds + 200 } });
    });
  });
});
