import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { clouds } from '../../src/clouds.ts';
import { createByteBudget, createInboundGuard, isServiceUrlAllowed, readBody } from '../../src/teams/guard.ts';
import type { InboundToken } from '../../src/teams/inbound-token.ts';
import { verifiedClaims } from './read-inbound.ts';

suite('inbound guard', () => {
  const tenants = ['11111111-2222-4333-8444-555555555555', '99999999-2222-4333-8444-555555555555'] as const;
  const serviceUrl = 'https://smba.trafficmanager.net/emea/';

  /** A guard whose clock the test sets, and whose tokens are good when they say so. */
  function createBed() {
    const clock = { now: 0 };
    const token: InboundToken = {
      isWellFormed: (authorization) => authorization !== 'none',
      verify: async (authorization) =>
        authorization === 'good' ? { ok: true, claims: verifiedClaims, serviceUrl } : { ok: false, why: 'bad' },
    };
    const config = { cloud: clouds.global, extraServiceUrls: [], allowedTenants: tenants };
    const guard = createInboundGuard({ config, token, now: () => clock.now });

    async function knock(person: string, tenant: string = tenants[0], changes: Readonly<Record<string, unknown>> = {}) {
      const { authorization = 'good', ...parts } = changes;
      const from = { id: `29:${person}`, aadObjectId: person };
      const activity = {
        type: 'event',
        channelId: 'msteams',
        serviceUrl,
        from,
        conversation: { id: 'a', tenantId: tenant },
        ...parts,
      };
      const stream = Readable.from([Buffer.from(JSON.stringify(activity))]);
      const headers = { 'content-type': 'application/json', authorization };
      const admission = await guard(Object.assign(stream, { headers }) as unknown as IncomingMessage);
      return admission.ok ? 200 : admission.status;
    }

    async function knockTimes(times: number, ...knocking: Parameters<typeof knock>): Promise<Record<number, number>> {
      const counts: Record<number, number> = {};
      for (let time = 0; time < times; time += 1) {
        const status = await knock(...knocking);
        counts[status] = (counts[status] ?? 0) + 1;
      }
      return counts;
    }
    return { clock, guard, knock, knockTimes };
  }

  test('reads nothing of a request without a well-formed bearer', async () => {
    const { guard } = createBed();
    const stream = Readable.from([Buffer.from('{"type":"message"}')]);
    const headers = { 'content-type': 'application/json', authorization: 'none' };
    const admission = await guard(Object.assign(stream, { headers }) as unknown as IncomingMessage);
    assert.deepEqual([admission.ok, !admission.ok && admission.status, stream.readableDidRead], [false, 401, false]);
  });

  test('lets Teams in while slow bodies without a good token take up all the memory that they may', async () => {
    const { guard, knock } = createBed();
    const headers = { 'content-type': 'application/json', authorization: 'bad' };
    const slow = Array.from({ length: 65 }, () => {
      const body = new Readable({ read: () => undefined });
      body.push(Buffer.alloc(256 * 1024, ' '));
      return { body, admission: guard(Object.assign(body, { headers }) as unknown as IncomingMessage) };
    });
    const refused = slow.pop();
    assert.deepEqual(await refused?.admission, { ok: false, status: 429, why: 'too many bodies at once' });
    assert.deepEqual([await knock('ada'), await knock('ada', tenants[0], { authorization: 'bad' })], [200, 429]);
    for (const { body } of slow) body.push(null);
    for (const { admission } of slow) assert.equal((await admission).ok, false);
    assert.equal(await knock('ada', tenants[0], { authorization: 'bad' }), 401);
  });

  test('lets 60 activities of one person in within 10 s, and others meanwhile', async () => {
    const { clock, knock, knockTimes } = createBed();
    assert.deepEqual(await knockTimes(65, 'ada'), { 200: 60, 429: 5 });
    assert.equal(await knock('elif'), 200);
    assert.equal(await knock('ada', tenants[1]), 200, 'the same id in another tenant is somebody else');
    clock.now = 9_999;
    assert.equal(await knock('ada'), 429);
    clock.now = 10_000;
    assert.equal(await knock('ada'), 200);
  });

  test('counts searches apart: 30 of one person within 10 s, which cost them no message', async () => {
    const { clock, knock, knockTimes } = createBed();
    const search = { type: 'invoke', name: 'application/search' };
    assert.deepEqual(await knockTimes(35, 'ada', tenants[0], search), { 200: 30, 429: 5 });
    assert.deepEqual(await knockTimes(61, 'ada'), { 200: 60, 429: 1 });
    assert.equal(await knock('elif', tenants[0], search), 200);
    clock.now = 10_000;
    assert.equal(await knock('ada', tenants[0], search), 200);
  });

  test('lets 1,200 activities of one tenant in within 10 s, and other tenants meanwhile', async () => {
    const { clock, knock, knockTimes } = createBed();
    for (let person = 0; person < 20; person += 1) {
      assert.deepEqual(await knockTimes(60, `person ${person}`), { 200: 60 });
    }
    assert.equal(await knock('one more'), 429);
    assert.equal(await knock('one more', tenants[1]), 200);
    clock.now = 10_000;
    assert.equal(await knock('one more'), 200);
  });

  test('counts the answers of sign-in cards apart, so that a burst of questions leaves nobody at a sign-in card', async () => {
    const { knock, knockTimes } = createBed();
    for (let person = 0; person < 20; person += 1) await knockTimes(60, `person ${person}`);
    assert.equal(await knock('one more'), 429);
    const answer = { type: 'invoke', name: 'signin/tokenExchange' };
    for (let person = 0; person < 20; person += 1)
      assert.deepEqual(await knockTimes(60, `other ${person}`, tenants[0], answer), { 200: 60 });
    assert.deepEqual(await knockTimes(1, 'one more', tenants[0], answer), { 429: 1 });
    assert.deepEqual(await knockTimes(1, 'one more', tenants[0], { type: 'invoke', name: 'adaptiveCard/action' }), {
      429: 1,
    });
  });

  test('what its tenant’s limit refuses counts against no person', async () => {
    const { clock, knockTimes } = createBed();
    for (let person = 0; person < 20; person += 1) await knockTimes(60, `person ${person}`);
    clock.now = 1;
    assert.deepEqual(await knockTimes(100, 'ada'), { 429: 100 });
    clock.now = 10_000;
    assert.deepEqual(await knockTimes(61, 'ada'), { 200: 60, 429: 1 });
  });

  test('what is refused for any other reason counts against nobody', async () => {
    const { knockTimes } = createBed();
    assert.deepEqual(await knockTimes(100, 'ada', tenants[0], { authorization: 'bad' }), { 401: 100 });
    const elsewhere = 'https://smba.trafficmanager.net/amer/';
    assert.deepEqual(await knockTimes(100, 'ada', tenants[0], { serviceUrl: elsewhere }), { 401: 100 });
    assert.deepEqual(await knockTimes(100, 'ada', tenants[0], { text: 5 }), { 400: 100 });
    assert.deepEqual(await knockTimes(100, 'ada', tenants[0], { channelId: 'emulator' }), { 403: 100 });
    assert.deepEqual(await knockTimes(60, 'ada'), { 200: 60 });
  });

  test('who says no id of their own shares one limit with all who do not', async () => {
    const { knockTimes } = createBed();
    assert.deepEqual(await knockTimes(61, 'ada', tenants[0], { from: null }), { 200: 60, 429: 1 });
  });
});

suite('request body', () => {
  const json = 'application/json; charset=utf-8';

  /** A request as node:http gives it: a stream of bytes with headers. */
  function requestOf(chunks: readonly (string | Uint8Array)[], headers: Readonly<Record<string, string>> = {}) {
    const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
    return Object.assign(stream, { headers: { 'content-type': json, ...headers } }) as unknown as IncomingMessage;
  }

  async function statusOf(body: string | Uint8Array, headers?: Readonly<Record<string, string>>) {
    const read = await readBody(requestOf([body], headers), createByteBudget(2 ** 20));
    return read.ok ? 200 : read.status;
  }

  const nested = (depth: number, open = '[', close = ']') =>
    `{"type":"x","a":${open.repeat(depth - 1)}${close.repeat(depth - 1)}}`;

  test('an activity comes through as it was sent, in however many pieces', async () => {
    const activity = { type: 'message', text: 'Grüße 学校 🎒', id: '1' };
    const bytes = Buffer.from(JSON.stringify(activity));
    for (const size of [1, 3, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      assert.deepEqual(await readBody(requestOf(chunks), createByteBudget(2 ** 20)), { ok: true, body: activity });
    }
  });

  suite('is malformed (400)', () => {
    const bodies: Readonly<Record<string, string | Uint8Array>> = {
      'when empty': '',
      'when not JSON': 'type=message',
      'when cut off': '{"type":"message"',
      'with something after its end': '{"type":"message"} x',
      'as a list': '[{"type":"message"}]',
      'as null': 'null',
      'as a string': '"message"',
      'as a number': '5',
      'without a type': '{"text":"hi"}',
      'with an empty type': '{"type":""}',
      'with a type that is no text': '{"type":{"a":1}}',
      'when not UTF-8': Buffer.concat([
        Buffer.from('{"type":"message","text":"'),
        Buffer.from([0xc3, 0x28]),
        Buffer.from('"}'),
      ]),
      'when UTF-16': Buffer.from('{"type":"message"}', 'utf16le'),
      'when nested 65 deep': nested(65),
      'when nested far too deep': nested(50_000),
      'when left open far too deep': '{"type":"x","a":'.concat('['.repeat(100_000)),
    };
    for (const [name, body] of Object.entries(bodies)) test(name, async () => assert.equal(await statusOf(body), 400));

    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      'text/json',
      'multipart/form-data',
      '',
    ]) {
      test(`with content type ${type || 'none'}`, async () =>
        assert.equal(await statusOf('{"type":"message"}', { 'content-type': type }), 400));
    }
  });

  test('other names of JSON are JSON', async () => {
    for (const type of ['application/json', 'Application/JSON;charset=UTF-8', 'application/activity+json']) {
      assert.equal(await statusOf('{"type":"message"}', { 'content-type': type }), 200, type);
    }
  });

  test('is nested 64 deep at most, brackets in texts apart', async () => {
    assert.equal(await statusOf(nested(64)), 200);
    assert.equal(await statusOf(`{"type":"x","text":"${'[{\\"\\\\'.repeat(200)}"}`), 200);
  });

  suite('is too large (413)', () => {
    const most = 256 * 1024;
    const ofLength = (length: number) => `{"type":"${'x'.repeat(length - 11)}"}`;

    test('over 256 KB and not at 256 KB', async () => {
      assert.equal(await statusOf(ofLength(most)), 200);
      assert.equal(await statusOf(ofLength(most + 1)), 413);
      assert.equal(await statusOf(`{"type":"${'ü'.repeat(most / 2)}"}`), 413);
    });

    test('by its announced length, before anything of it is read', async () => {
      const request = requestOf(['never'], { 'content-length': String(most + 1) });
      assert.equal((await readBody(request, createByteBudget(2 ** 20))).ok, false);
      assert.equal((request as unknown as Readable).readableDidRead, false);
    });

    test('in pieces, reading no further than the first byte too many', async () => {
      let read = 0;
      async function* far() {
        while (read < 100) {
          read += 1;
          yield Buffer.alloc(64 * 1024, 0x20);
        }
      }
      const stream = Readable.from(far(), { highWaterMark: 1 });
      const request = Object.assign(stream, { headers: { 'content-type': json } }) as unknown as IncomingMessage;
      const result = await readBody(request, createByteBudget(2 ** 20));
      assert.deepEqual([result.ok, !result.ok && result.status], [false, 413]);
      assert.ok(read <= 8, `${read} pieces were read`);
      stream.destroy();
    });
  });

  test('while bodies that are being read leave no memory for it: 429, and their memory is given back', async () => {
    const body = '{"type":"message"}';
    const memory = createByteBudget(body.length);
    let finish: () => void = () => undefined;
    async function* slow() {
      yield Buffer.from(body);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    }
    const stream = Object.assign(Readable.from(slow()), { headers: { 'content-type': json } });
    const first = readBody(stream as unknown as IncomingMessage, memory);
    await new Promise(setImmediate);
    const second = await readBody(requestOf([body]), memory);
    assert.deepEqual([second.ok, !second.ok && second.status], [false, 429]);
    finish();
    assert.equal((await first).ok, true);
    assert.equal((await readBody(requestOf([body]), memory)).ok, true);
  });

  test('no bytes make it throw', async () => {
    const some = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(some, async (bytes) => {
        const read = await readBody(requestOf([bytes]), createByteBudget(2 ** 20));
        assert.ok(read.ok ? typeof read.body.type === 'string' : read.status === 400);
      }),
    );
  });
});

suite('service urls', () => {
  const production = { cloud: clouds.global, extraServiceUrls: [] };
  const rehearsal = { cloud: clouds.global, extraServiceUrls: ['http://127.0.0.1:4000/connector/'] };

  suite('in production', () => {
    test('Teams’ own hosts are allowed, in every cloud only its own', () => {
      for (const cloud of Object.values(clouds)) {
        for (const other of Object.values(clouds)) {
          for (const host of other.serviceHosts) {
            const isOwn = cloud.serviceHosts.includes(host);
            assert.equal(isServiceUrlAllowed(`https://${host}/emea/`, { cloud, extraServiceUrls: [] }), isOwn, host);
          }
        }
      }
      for (const url of ['https://SMBA.trafficmanager.net:443/amer/x/', 'https://smba.trafficmanager.net']) {
        assert.ok(isServiceUrlAllowed(url, production), url);
      }
    });

    const host = 'smba.trafficmanager.net';
    const refused = [
      `http://${host}/emea/`,
      `https://${host}:444/emea/`,
      `https://${host}.evil.example/emea/`,
      `https://${host}./emea/`,
      `https://evil-${host}/`,
      `https://evil.${host}/`,
      `https://evil.example/${host}/`,
      `https://evil.example#${host}`,
      `https://evil.example?${host}`,
      `https://evil.example\\@${host}/`,
      `https://${host}@evil.example/`,
      `https://me@${host}/`,
      `https://me:pass@${host}/`,
      `https://${host}/emea/?next=1`,
      `https://${host}/emea/#x`,
      `https://${host}/emea/?`,
      `https://${host}/emea/#`,
      `https://@${host}/emea/`,
      `https:${host}/emea/`,
      `https:\\\\${host}\\emea\\`,
      ` https://${host}/emea/`,
      `https://${host}/emea/\n`,
      `https://smba.traffic\tmanager.net/emea/`,
      `https://${host}/\0`,
      `wss://${host}/`,
      `//${host}/`,
      'https://smba.trаfficmanager.net/',
      'https://[::1]/',
      'http://127.0.0.1:4000/connector/',
      'http://localhost/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'not an address',
      '',
    ];
    for (const url of refused) {
      test(`refuses ${JSON.stringify(url)}`, () => assert.equal(isServiceUrlAllowed(url, production), false));
    }

    test('refuses an address that is not there', () => assert.equal(isServiceUrlAllowed(undefined, production), false));
  });

  suite('in a rehearsal', () => {
    test('addresses below a prefix are allowed, and Teams’ own as well', () => {
      for (const url of [
        'http://127.0.0.1:4000/connector',
        'http://127.0.0.1:4000/connector/',
        'http://127.0.0.1:4000/connector/emea/x',
        'https://smba.trafficmanager.net/emea/',
      ]) {
        assert.ok(isServiceUrlAllowed(url, rehearsal), url);
      }
    });

    for (const url of [
      'http://127.0.0.1:4001/connector/',
      'https://127.0.0.1:4000/connector/',
      'http://127.0.0.2:4000/connector/',
      'http://localhost:4000/connector/',
      'http://127.0.0.1:4000/',
      'http://127.0.0.1:4000/connector-of-somebody-else/',
      'http://127.0.0.1:4000/CONNECTOR/',
      'http://127.0.0.1:4000/connector/../graph/',
      'http://127.0.0.1:4000/connector/%2e%2e/graph/',
      'http://127.0.0.1:4000/connector\\..\\graph/',
      'http://127.0.0.1:4000/x/connector/',
      'http://127.0.0.1:4000@evil.example/connector/',
      'http://me@127.0.0.1:4000/connector/',
      'http://127.0.0.1:4000/connector/?x',
      'http://127.0.0.1.nip.io:4000/connector/',
    ]) {
      test(`refuses ${url}`, () => assert.equal(isServiceUrlAllowed(url, rehearsal), false));
    }
  });

  test('whatever is allowed, what is sent goes to that host and to the path that was meant', () => {
    const path = '/v3/conversations/19%3Aa/activities';
    const pieces = [
      '/',
      '//',
      'emea',
      '..',
      '%2e%2e',
      '?',
      '#',
      '@',
      '\\',
      ' ',
      '\t',
      ';x',
      ':443',
      '&',
      '%00',
      '\0',
      'x@evil.example',
    ];
    const made = fc
      .array(fc.constantFrom(...pieces), { maxLength: 6 })
      .map((some) => `https://smba.trafficmanager.net${some.join('')}`);
    fc.assert(
      fc.property(fc.oneof(made, fc.webUrl()), (url) => {
        if (!isServiceUrlAllowed(url, production)) return;
        const sentTo = new URL(url.replace(/\/+$/, '') + path);
        assert.equal(sentTo.host, 'smba.trafficmanager.net');
        assert.ok(sentTo.pathname.endsWith(path) && sentTo.search === '' && sentTo.hash === '', sentTo.href);
      }),
      { numRuns: 2_000 },
    );
  });

  test('no address at another host is allowed', () => {
    fc.assert(fc.property(fc.webUrl(), (url) => !isServiceUrlAllowed(url, rehearsal)));
    fc.assert(fc.property(fc.string(), (text) => !isServiceUrlAllowed(`https://${text}.evil.example/`, rehearsal)));
  });
});
