import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createOpenIdKeys } from '../../src/identity/open-id-keys.ts';
import { type Answer, startLocalServer, withJson, withNothing, withReset } from '../support/local-server.ts';
import { createRuntime } from '../support/runtime.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A key with this id; an object is used as it is. */
const key = (kid: unknown) =>
  typeof kid === 'object' ? kid : { kid, kty: 'RSA', n: 'AQAB', e: 'AQAB', endorsements: ['msteams'] };

/** A publisher whose keys, address of keys and health the test changes, and the part that reads it. */
async function startPublisher() {
  const state = { kids: ['one'] as unknown[], keysUrl: '', broken: undefined as Answer | undefined, isPatient: true };
  const clock = { now: Date.UTC(2026, 10, 23) };
  const server = await startLocalServer((response, seen) => {
    const documents: Record<string, unknown> = {
      '/openid': { jwks_uri: state.keysUrl },
      '/keys': { keys: state.kids.map(key) },
    };
    (state.broken ?? withJson(200, documents[seen.url]))(response, seen);
  });
  state.keysUrl = `${server.url}/keys`;
  const waits: number[] = [];
  const wait = (ms: number, signal?: AbortSignal) => {
    waits.push(ms);
    return state.isPatient
      ? new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
      : Promise.resolve();
  };
  const keys = createOpenIdKeys({
    metadataUrl: `${server.url}/openid`,
    runtime: createRuntime({ now: () => clock.now, wait }),
  });
  const reads = () => server.seen.filter(({ url }) => url === '/openid').length;
  return { state, clock, keys, reads, server, waits };
}

const kidOf = async (found: Promise<{ kid?: string } | undefined>) => (await found)?.kid;

test('keys are read when first needed, once for everybody, and not again within a day', async () => {
  const { clock, keys, reads } = await startPublisher();
  assert.equal(reads(), 0);
  const found = await Promise.all(Array.from({ length: 10 }, () => kidOf(keys.find('one'))));
  assert.deepEqual(new Set(found), new Set(['one']));
  clock.now += dayMs;
  assert.equal(await kidOf(keys.find('one')), 'one');
  assert.equal(reads(), 1);
  clock.now += 1;
  assert.equal(await kidOf(keys.find('one')), 'one');
  assert.equal(reads(), 2);
});

suite('a key id that nobody knows', () => {
  test('is fetched again, so that a rotated key serves at once', async () => {
    const { state, clock, keys } = await startPublisher();
    await keys.find('one');
    state.kids = ['two'];
    clock.now += minuteMs;
    assert.equal(await kidOf(keys.find('two')), 'two');
    assert.equal(await keys.find('one'), undefined, 'a key that was taken back no longer serves');
  });

  test('serves everybody who asks while it is being fetched', async () => {
    const { state, clock, keys, reads } = await startPublisher();
    await keys.find('one');
    state.kids = ['one', 'two'];
    clock.now += minuteMs;
    const found = await Promise.all(Array.from({ length: 10 }, () => kidOf(keys.find('two'))));
    assert.deepEqual(new Set(found), new Set(['two']));
    assert.equal(reads(), 2);
  });

  test('is fetched at most once a minute, however many forged tokens name one', async () => {
    const { clock, keys, reads } = await startPublisher();
    await keys.find('one');
    for (const expected of [2, 3, 4]) {
      for (let time = 0; time < 100; time += 1) assert.equal(await keys.find(`forged ${time}`), undefined);
      assert.equal(reads(), expected);
      clock.now += minuteMs;
    }
  });

  test('is none of the names that every object has', async () => {
    const { keys } = await startPublisher();
    for (const kid of ['__proto__', 'constructor', 'toString', '']) assert.equal(await keys.find(kid), undefined);
  });
});

suite('while the publisher is away', () => {
  const outages: Readonly<Record<string, Answer>> = {
    'answering 503': withJson(503, {}),
    'cutting connections': withReset,
    'answering no JSON': (response) => void response.end('<html>'),
    'answering null': withJson(200, null),
    'leading elsewhere': withJson(302, {}, { location: 'http://127.0.0.1:1/keys' }),
    'answering with no keys at all': (response, seen) => {
      const keysUrl = `http://${response.req.headers.host}/keys`;
      withJson(200, seen.url === '/keys' ? { keys: [] } : { jwks_uri: keysUrl })(response, seen);
    },
    'answering far too much': withJson(200, { jwks_uri: 'x'.repeat(1_100_000) }),
  };
  for (const [how, broken] of Object.entries(outages)) {
    test(`${how}: keys already read go on serving, and of others nothing is said`, async () => {
      const { state, clock, keys } = await startPublisher();
      await keys.find('one');
      state.broken = broken;
      clock.now += 10 * dayMs;
      assert.equal(await kidOf(keys.find('one')), 'one');
      clock.now += minuteMs;
      await assert.rejects(keys.find('two'));
      state.broken = undefined;
      state.kids = ['two'];
      clock.now += minuteMs;
      assert.equal(await kidOf(keys.find('two')), 'two');
    });

    test(`${how}, and no key was ever read: nothing is found, and it is tried again`, async () => {
      const { state, keys } = await startPublisher();
      state.broken = broken;
      await assert.rejects(keys.find('one'));
      assert.equal(await keys.isReady(), false);
      state.broken = undefined;
      assert.equal(await keys.isReady(), true);
      assert.equal(await kidOf(keys.find('one')), 'one');
    });
  }

  test('silent: a key that has come of age serves after a second, and everybody who asks meanwhile', async () => {
    const { state, clock, keys, waits, reads } = await startPublisher();
    await keys.find('one');
    state.broken = withNothing;
    state.isPatient = false;
    clock.now += dayMs + 1;
    const found = await Promise.all(Array.from({ length: 10 }, () => kidOf(keys.find('one'))));
    assert.deepEqual(new Set(found), new Set(['one']));
    assert.deepEqual(new Set(waits), new Set([1_000]));
    assert.ok(reads() <= 2, 'one more read serves them all');
  });

  test('an answer that never comes is waited for 5 s and no longer', async (t) => {
    const asked: number[] = [];
    t.mock.method(AbortSignal, 'timeout', (ms: number) => {
      asked.push(ms);
      return AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    });
    const { state, keys } = await startPublisher();
    state.broken = withNothing;
    await assert.rejects(keys.find('one'));
    assert.deepEqual(asked, [5_000]);
  });
});

test('a rehearsal’s keys come from this machine and no other', async () => {
  for (const keysUrl of [
    'https://evil.example/keys',
    'http://127.0.0.1.evil.example/',
    'file:///keys',
    '',
    undefined,
    5,
  ]) {
    const { state, keys, server } = await startPublisher();
    state.keysUrl = keysUrl as string;
    await assert.rejects(keys.find('one'), /another place/);
    assert.equal(server.seen.length, 1);
  }
});

test('Microsoft’s keys come over https from the host of its document', async () => {
  const asked: string[] = [];
  const read = async (keysUrl: string) => {
    asked.length = 0;
    const keys = createOpenIdKeys({
      metadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
      runtime: createRuntime(),
      fetch: async (url) => {
        asked.push(String(url));
        return Response.json(asked.length === 1 ? { jwks_uri: keysUrl } : { keys: [key('one')] });
      },
    });
    return kidOf(keys.find('one'));
  };
  assert.equal(await read('https://login.botframework.com/v1/.well-known/keys'), 'one');
  for (const host of [
    'http://login.botframework.com',
    'https://login.botframework.com:444',
    'https://evil.example',
    'http://127.0.0.1',
  ]) {
    await assert.rejects(read(`${host}/keys`), /another place/);
    assert.equal(asked.length, 1, 'the keys were not even asked for');
  }
});

test('a document of another issuer than the one expected is refused', async () => {
  const server = await startLocalServer((response, seen) => {
    withJson(200, seen.url === '/keys' ? { keys: [key('one')] } : { issuer: 'a', jwks_uri: `${server.url}/keys` })(
      response,
      seen,
    );
  });
  const keysFor = (issuer: string) =>
    createOpenIdKeys({ metadataUrl: `${server.url}/openid`, issuer, runtime: createRuntime() });
  await assert.rejects(keysFor('b').find('one'), /another issuer/);
  assert.equal(await kidOf(keysFor('a').find('one')), 'one');
});

test('a key that is published for encryption signs nothing', async () => {
  const { state, keys } = await startPublisher();
  const one = key('one') as object;
  state.kids = [
    { ...one, use: 'enc' },
    { ...one, kid: 'two', use: 'sig' },
  ];
  assert.equal(await keys.find('one'), undefined);
  assert.equal(await kidOf(keys.find('two')), 'two');
});

suite('an id that is listed twice', () => {
  const rsa = (kid: string, n: string) => ({ kid, kty: 'RSA', n, e: 'AQAB', endorsements: ['msteams'] });

  test('for two keys finds neither', async () => {
    const { state, keys } = await startPublisher();
    state.kids = [rsa('one', 'AQAB'), rsa('one', 'AQAC'), 'two'];
    assert.equal(await keys.find('one'), undefined);
    assert.equal(await kidOf(keys.find('two')), 'two');
  });

  test('for one key serves, beside a key of another kind as well', async () => {
    const { state, keys } = await startPublisher();
    state.kids = [
      { kid: 'one', kty: 'EC', crv: 'P-256' },
      rsa('one', 'AQAB'),
      rsa('one', 'AQAB'),
      { kid: 'one', kty: 'oct' },
    ];
    assert.equal((await keys.find('one'))?.kty, 'RSA');
  });
});

suite('a clock that jumps', () => {
  for (const [where, byMs] of [
    ['a day forward', dayMs + minuteMs],
    ['a day back', -dayMs],
    ['a year back', -365 * dayMs],
  ] as const) {
    test(`${where}: keys serve, are read anew once, and a rotated key is found, there and after the way back`, async () => {
      const { state, clock, keys, reads } = await startPublisher();
      await keys.find('one');
      clock.now += byMs;
      for (let time = 0; time < 100; time += 1) assert.equal(await kidOf(keys.find('one')), 'one');
      assert.equal(reads(), 2);
      clock.now -= byMs;
      for (let time = 0; time < 100; time += 1) assert.equal(await kidOf(keys.find('one')), 'one');
      assert.ok(reads() <= 3, `${reads()} reads`);
      state.kids = ['two'];
      clock.now += minuteMs;
      assert.equal(await kidOf(keys.find('two')), 'two');
    });

    test(`${where} while the publisher is away: keys already read go on serving`, async () => {
      const { state, clock, keys } = await startPublisher();
      await keys.find('one');
      state.broken = withReset;
      for (const move of [byMs, -byMs]) {
        clock.now += move;
        for (let time = 0; time < 10; time += 1) assert.equal(await kidOf(keys.find('one')), 'one');
      }
    });
  }
});

test('what is no key among the keys is left out', async () => {
  const { state, keys } = await startPublisher();
  state.kids = [null, 5, undefined, 'one'];
  assert.equal(await kidOf(keys.find('one')), 'one');
  assert.equal(await keys.find('null'), undefined);
});
