import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { readBody } from '../../src/teams/guard.ts';

const json = 'application/json; charset=utf-8';

/** A request as node:http gives it: a stream of bytes with headers. */
function requestOf(chunks: readonly (string | Uint8Array)[], headers: Readonly<Record<string, string>> = {}) {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return Object.assign(stream, { headers: { 'content-type': json, ...headers } }) as unknown as IncomingMessage;
}

async function statusOf(body: string | Uint8Array, headers?: Readonly<Record<string, string>>) {
  const read = await readBody(requestOf([body], headers));
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
    assert.deepEqual(await readBody(requestOf(chunks)), { ok: true, body: activity });
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
    assert.equal((await readBody(request)).ok, false);
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
    const result = await readBody(request);
    assert.deepEqual([result.ok, !result.ok && result.status], [false, 413]);
    assert.ok(read <= 8, `${read} pieces were read`);
    stream.destroy();
  });
});

test('no bytes make it throw', async () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(some, async (bytes) => {
      const read = await readBody(requestOf([bytes]));
      assert.ok(read.ok ? typeof read.body.type === 'string' : read.status === 400);
    }),
  );
});
