import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Session } from '../../src/domain/turn.ts';
import { createLoginHints, createSessions } from '../../src/identity/sessions.ts';
import { createRuntime } from '../support/runtime.ts';

suite('login hints', () => {
  const ada = { tenantId: 'tenant-1', aadObjectId: 'ada' };
  const ben = { tenantId: 'tenant-1', aadObjectId: 'ben' };

  test('remembers sign-in names alone, each for its own person, until that person signs out', () => {
    const hints = createLoginHints();
    hints.remember(ada, 'Ada Lovelace');
    hints.remember(ada, undefined);
    assert.equal(hints.find(ada), undefined);
    hints.remember(ada, 'ada@contoso.example');
    assert.equal(hints.find({ ...ada, aadObjectId: 'ADA' }), 'ada@contoso.example');
    assert.equal(hints.find(ben), undefined);
    hints.forget(ada);
    assert.equal(hints.find(ada), undefined);
  });
});

suite('sessions', () => {
  const minute = 60_000;
  const ada = { tenantId: 'tenant-1', aadObjectId: 'ada' };
  const ben = { tenantId: 'tenant-1', aadObjectId: 'ben' };
  const sessionOf = (aadObjectId: string, expiresAt = 60 * minute): Session => ({
    tenantId: 'tenant-1',
    aadObjectId,
    accessToken: `token of ${aadObjectId}`,
    expiresAt,
  });

  test('gives a session back to its owner until five minutes before its end', () => {
    let now = 0;
    const sessions = createSessions(createRuntime({ now: () => now }));
    sessions.put(ada, sessionOf('ada'));
    now = 55 * minute - 1;
    assert.deepEqual(sessions.find(ada), sessionOf('ada'));
    assert.deepEqual(sessions.find({ ...ada, aadObjectId: 'ADA' }), sessionOf('ada'));
    now = 55 * minute;
    assert.equal(sessions.find(ada), undefined);
  });

  test('keeps no session for anybody but the person it was issued to', () => {
    const sessions = createSessions(createRuntime());
    assert.throws(() => sessions.put(ben, sessionOf('ada')), /only be kept for the person/);
    assert.equal(sessions.find(ben), undefined);
  });

  test('forgets a person everywhere and nobody else', () => {
    const sessions = createSessions(createRuntime());
    const adaElsewhere = { ...ada, tenantId: 'tenant-2' };
    sessions.put(ada, sessionOf('ada'));
    sessions.put(adaElsewhere, sessionOf('ada'));
    sessions.put(ben, sessionOf('ben'));
    sessions.forget({ ...ada, aadObjectId: 'Ada' });
    assert.equal(sessions.find(ada), undefined);
    assert.equal(sessions.find(adaElsewhere), undefined);
    assert.deepEqual(sessions.find(ben), sessionOf('ben'));
  });

  test('lets the least recently used session go beyond its limit', () => {
    const sessions = createSessions(createRuntime(), 2);
    const cem = { ...ada, aadObjectId: 'cem' };
    sessions.put(ada, sessionOf('ada'));
    sessions.put(ben, sessionOf('ben'));
    sessions.find(ada);
    sessions.put(cem, sessionOf('cem'));
    assert.notEqual(sessions.find(ada), undefined);
    assert.equal(sessions.find(ben), undefined);
    assert.notEqual(sessions.find(cem), undefined);
  });

  test('never returns anybody’s session for somebody else, whatever the order of events', () => {
    const tenant = fc.constantFrom('t', 't:a', 'T', '');
    const id = fc.constantFrom('a', 'A', 'a:a', ':a', 'b', '');
    const person = fc.record({ tenantId: tenant, aadObjectId: id });
    const step = fc.record({ act: fc.constantFrom('put', 'find', 'forget', 'wait'), person });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        let now = 0;
        const sessions = createSessions(createRuntime({ now: () => now }), limit);
        for (const { act, person: acting } of steps) {
          if (act === 'put') sessions.put(acting, sessionOf(acting.aadObjectId, now + 20 * minute));
          else if (act === 'forget') sessions.forget(acting);
          else if (act === 'wait') now += 4 * minute;
          const found = sessions.find(acting);
          if (act === 'forget') assert.equal(found, undefined);
          if (!found) continue;
          assert.equal(found.aadObjectId.toLowerCase(), acting.aadObjectId.toLowerCase());
          assert.ok(found.expiresAt - now > 5 * minute);
        }
      }),
    );
  });
});
