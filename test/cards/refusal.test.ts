import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { replyToError } from '../../src/cards/refusal.ts';
import { stateBlock } from '../../src/cards/token-state.ts';
import { GraphError, type GraphErrorReason } from '../../src/domain/graph.ts';
import type { Locale, Reply } from '../../src/domain/turn.ts';
import { decodeGraphError } from '../../src/graph/errors.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { doubleEncoded, joined, plain, scopeSentence, singleEncoded } from '../support/error-bodies.ts';
import { turnOf } from '../support/turns.ts';

const locales: readonly Locale[] = ['en', 'zh-CN'];
const now = Date.UTC(2026, 10, 23, 12);
const dayMs = 86_400_000;

const statuses = [400, 401, 403, 404, 408, 409, 410, 412, 418, 423, 429, 500, 502, 503, 504];
const secretWords = 'https://proxy.unit01.manage.example.com/Fe?api-version=5022';
const bodies: Readonly<Record<string, string>> = {
  'plain OData': plain('ResourceNotFound', 'Resource not found'),
  'Intune, encoded once': singleEncoded(`An error has occurred - Url: ${secretWords}`),
  'Intune, encoded twice': doubleEncoded('An error has occurred'),
  'Intune, joined': joined('An error has occurred'),
  'a missing scope': singleEncoded(scopeSentence),
  'an empty message': plain('UnknownError', ''),
  HTML: `<html><body>${secretWords}</body></html>`,
  nothing: '',
  'half of a JSON': '{"error":{"code":"Forb',
};

/** Checks the words of a refusal, and that nothing in them is secret. */
function assertExplained(reply: Reply, locale: Locale, what: string) {
  assert.ok(reply.kind === 'refusal', what);
  const { card } = textsFor(locale);
  for (const label of [card.label.cause, card.label.who, card.label.next]) {
    assert.match(reply.text, new RegExp(`${card.labelled(label).trim()}.{4,}`), `${what}: ${label}`);
  }
  assert.ok(reply.text.includes(card.reference('')), what);
  assert.doesNotMatch(reply.text, /https?:|manage\.example|\{|\}|something went wrong|undefined|\bnull\b/i, what);
  assert.ok(reply.summary.length > 4, what);
}

suite('whatever Graph answers, a person reads what happened, why, who can fix it, the next step and a reference', () => {
  for (const status of statuses) {
    for (const [body, text] of Object.entries(bodies)) {
      test(`${status} with ${body}`, () => {
        const error = decodeGraphError(status, new Headers({ 'retry-after': '7' }), text, {
          clientRequestId: 'ours',
          now,
        });
        for (const locale of locales)
          assertExplained(replyToError(turnOf({ locale }), error), locale, `${status} ${body}`);
      });
    }
  }

  for (const reason of ['timedOut', 'unavailable', 'unreadable', 'mayHaveStarted'] satisfies GraphErrorReason[]) {
    test(`no answer at all: ${reason}`, () => {
      const error = new GraphError(reason, { clientRequestId: 'a' });
      for (const locale of locales) assertExplained(replyToError(turnOf({ locale }), error), locale, reason);
    });
  }

  test('a fault of our own is explained too, without its message', () => {
    for (const locale of locales) {
      const reply = replyToError(turnOf({ locale }), new Error('canary {} https://example.com'));
      assertExplained(reply, locale, 'fault');
    }
  });
});

test('a 403 names the missing permissions when the body does, else role, licence and scope tags, all three', () => {
  const worded = (body: string) => {
    const reply = replyToError(turnOf(), decodeGraphError(403, new Headers(), body, { clientRequestId: 'ours', now }));
    return reply.kind === 'refusal' ? reply.text : '';
  };
  assert.match(worded(singleEncoded(scopeSentence)), /DeviceManagementServiceConfig\.ReadWrite\.All/);
  for (const body of [doubleEncoded('An error has occurred'), singleEncoded('An error has occurred'), '']) {
    assert.match(worded(body), /role.*licence.*scope tags/s);
  }
});

const states = [
  'valid',
  'expired',
  'invalid',
  'assignedToExternalMDM',
  'duplicateLocationId',
  'unknown',
  'stateOfTomorrow',
];
const ages = { 'a year ahead': 365, 'three weeks ahead': 21, 'past for a day': -1, unset: undefined } as const;

suite('whatever state a token is in, its card says it in words, with cause and next step when there is something to do', () => {
  for (const state of states) {
    for (const [age, days] of Object.entries(ages)) {
      test(`${state}, expiry ${age}`, () => {
        const expiry = days === undefined ? {} : { expirationDateTime: new Date(now + days * dayMs).toISOString() };
        for (const locale of locales) {
          const { word, advice } = stateBlock({ id: 'a', state, ...expiry }, now, locale);
          assert.match(word, /^\S+ .{2,}/u, 'a symbol and words');
          if (state === 'stateOfTomorrow') assert.ok(word.includes(state), 'as it came');
          const isFine = state === 'valid' && (days === undefined || days > 30);
          const mustAct = !isFine && state !== 'stateOfTomorrow';
          assert.equal(advice.length > 0, mustAct);
          const next = textsFor(locale).card.labelled(textsFor(locale).card.label.next);
          if (mustAct) assert.equal(advice.filter(({ label }) => label === next).length, 1, 'one next step');
        }
      });
    }
  }
});
