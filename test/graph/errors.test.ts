import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GraphError, type GraphErrorReason } from '../../src/domain/graph.ts';
import { decodeGraphError } from '../../src/graph/errors.ts';
import {
  doubleEncoded,
  ids,
  joined,
  neededScopes,
  plain,
  scopeSentence,
  singleEncoded,
} from '../support/error-bodies.ts';

const decode = (status: number, body: string, headers: Record<string, string> = {}) =>
  decodeGraphError(status, new Headers(headers), body, {
    clientRequestId: 'c-1',
    now: Date.parse('2026-11-23T10:00:00Z'),
  });

const reasons: readonly [number, GraphErrorReason][] = [
  [302, 'unreadable'],
  [400, 'badRequest'],
  [401, 'tokenRejected'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [405, 'badRequest'],
  [409, 'conflict'],
  [429, 'throttled'],
  [500, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
];
for (const [status, reason] of reasons) {
  test(`reads ${status} as ${reason}, whether its body is JSON, HTML, cut off or empty`, () => {
    for (const body of [plain('SomeCode', 'Some words.'), '<html><body>Bad</body></html>', '{"error":{"co', '']) {
      const error = decode(status, body);
      assert.equal(error.reason, reason);
      assert.equal(error.status, status);
      assert.equal(error.clientRequestId, 'c-1');
    }
  });
}

test('keeps code, sentence and request id of a plain body', () => {
  const error = decode(400, plain('BadRequest', "Resource not found for the segment 'vppToken'."));
  assert.equal(error.code, 'BadRequest');
  assert.equal(error.detail, "Resource not found for the segment 'vppToken'.");
  assert.equal(error.requestId, ids.requestId);
});

test('takes the request id from the header when the body has none', () => {
  assert.equal(decode(503, '', { 'request-id': ids.requestId }).requestId, ids.requestId);
});

for (const [form, wrap] of Object.entries({ singleEncoded, doubleEncoded, joined })) {
  test(`finds the missing scopes and Intune's activity id in a ${form} 403`, () => {
    const error = decode(403, wrap(scopeSentence));
    assert.equal(error.reason, 'missingScope');
    assert.deepEqual(error.neededScopes, neededScopes);
    assert.equal(error.code, 'Forbidden');
    assert.equal(error.activityId, ids.activityId);
    assert.equal(error.detail, scopeSentence);
  });

  test(`does not guess why a ${form} 403 without a reason was given`, () => {
    const error = decode(403, wrap('An error has occurred'));
    assert.equal(error.reason, 'forbidden');
    assert.equal(error.neededScopes, undefined);
    assert.equal(error.detail, undefined);
    assert.equal(error.activityId, ids.activityId);
  });
}

test('reads a 401 that wraps Intune saying Forbidden as forbidden, since no new token helps', () => {
  assert.equal(decode(401, doubleEncoded('An error has occurred')).reason, 'forbidden');
});

test('decodes the claims of a challenge and leaves an unreadable challenge a rejected token', () => {
  const claims = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';
  const challenge = (value: string) => `Bearer realm="", error="insufficient_claims", claims="${value}"`;
  const error = decode(401, '', { 'www-authenticate': challenge(Buffer.from(claims).toString('base64')) });
  assert.equal(error.reason, 'claimsChallenge');
  assert.equal(error.claims, claims);
  for (const broken of ['bm90IGpzb24=', '', '%%%']) {
    assert.equal(decode(401, '', { 'www-authenticate': challenge(broken) }).reason, 'tokenRejected');
  }
});

test('reads Retry-After in seconds and as a date, never below zero, and ignores what is neither', () => {
  const retryAfterMs = (value: string) => decode(429, '', { 'retry-after': value }).retryAfterMs;
  assert.equal(retryAfterMs('7'), 7000);
  assert.equal(retryAfterMs('0'), 0);
  assert.equal(retryAfterMs('Mon, 23 Nov 2026 10:00:12 GMT'), 12_000);
  assert.equal(retryAfterMs('Mon, 23 Nov 2026 09:00:00 GMT'), 0);
  for (const odd of ['soon', '-5', '', '1e9', '99999999999999999999']) assert.equal(retryAfterMs(odd), undefined);
});

test('never passes on an address, a host, JSON, markup or an opaque word', () => {
  const unsafe = [
    'See https://unit01.example.com/x for more.',
    'Failed at fef.unit01.manage.microsoft.com today.',
    'Failed at unit01.internal today.',
    'Failed at 10.0.0.7 today.',
    'Failed at http://localhost:8080 today.',
    'Expected {"a":1}.',
    '<b>No</b>',
    `Bad token ${'A'.repeat(80)}.`,
    `Bad token eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln.`,
  ];
  for (const sentence of unsafe) {
    assert.equal(decode(400, plain('BadRequest', sentence)).detail, undefined, sentence);
    assert.equal(decode(400, singleEncoded(sentence, 'BadRequest')).detail, undefined, sentence);
  }
});

test('cuts a long sentence at 300 characters', () => {
  const { detail = '' } = decode(400, plain('BadRequest', 'many words '.repeat(200)));
  assert.ok(detail.length <= 300 && detail.length > 290);
});

test('drops codes and request ids of an odd shape', () => {
  const error = decode(400, JSON.stringify({ error: { code: 'a b\nc', innerError: { 'request-id': '"><script>' } } }));
  assert.equal(error.code, undefined);
  assert.equal(error.requestId, undefined);
});

test('goes three levels deep and no further', () => {
  let body = JSON.stringify({ Message: 'The innermost.' });
  for (let level = 0; level < 6; level += 1) body = JSON.stringify({ error: { message: body } });
  assert.equal(decode(400, body).detail, undefined);
});

test('never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
      assert.ok(decode(status, body) instanceof GraphError);
      assert.ok(decode(status, JSON.stringify({ error: body })) instanceof GraphError);
      assert.ok(decode(status, JSON.stringify({ error: { message: body } })) instanceof GraphError);
    }),
  );
});

test('takes another error’s facts under a new reason', () => {
  const error = new GraphError('mayHaveStarted', decode(504, '', { 'request-id': ids.requestId }));
  assert.equal(error.reason, 'mayHaveStarted');
  assert.equal(error.status, 504);
  assert.equal(error.requestId, ids.requestId);
  assert.equal(error.message, 'Microsoft Graph: mayHaveStarted (504)');
});
