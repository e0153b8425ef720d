import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { SealedSecrets } from '../../src/domain/sign-in-request.ts';
import { createSeal } from '../../src/identity/keys.ts';
import { type Actor, createAssertions, createSessions } from '../../src/identity/sessions.ts';
import { createSharedSignIns } from '../../src/identity/shared-sign-ins.ts';
import type { Db } from '../../src/store/schema.ts';
import { createSealedSecrets } from '../../src/store/sealed-secrets.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { openStore } from '../support/turns.ts';

const ada: Actor = { tenantId: 'tenant', aadObjectId: 'ada' };
const key = randomBytes(32);
const hourMs = 3_600_000;

/** One process of several that share a store. */
function startProcess(db: Db) {
  const secrets: SealedSecrets = createSealedSecrets(db);
  const ended: string[] = [];
  const { lines, log } = createLines();
  const runtime = createRuntime({ log });
  const sessions = createSessions(runtime);
  const assertions = createAssertions(runtime);
  const shared = createSharedSignIns({
    seal: createSeal(key),
    secrets,
    sessions,
    assertions,
    runtime,
    onEndedElsewhere(person) {
      ended.push(person.aadObjectId);
      sessions.forget(person);
      assertions.forget(person);
    },
  });
  return {
    shared,
    secrets,
    ended,
    lines,
    tokenOf: (person: Actor) => sessions.find(person)?.accessToken,
    async signIn(accessToken: string) {
      const session = { ...ada, accessToken, expiresAt: hourMs };
      const assertion = `assertion of ${accessToken}`;
      sessions.put(ada, session);
      assertions.put(ada, assertion, hourMs);
      await shared.put(ada, { session, assertion, assertionExpiresAt: hourMs });
    },
    assertionOf: (person: Actor) => assertions.find(person),
  };
}

async function startTwo(t: TestContext) {
  const db = await openStore(t);
  return [startProcess(db), startProcess(db)] as const;
}

test('a sealed sign-in that is put back after its person signed out serves in no process; a new one does', async (t) => {
  const db = await openStore(t);
  const [one, other] = [startProcess(db), startProcess(db)];
  await one.signIn('first');
  const row = await db.selectFrom('sealed_secrets').selectAll().executeTakeFirstOrThrow();
  const putBack = () => db.insertInto('sealed_secrets').values(row).execute();
  await other.shared.forget(ada);
  await putBack();
  for (const process of [one, other, startProcess(db)]) {
    await process.shared.recall(ada);
    assert.deepEqual([process.tokenOf(ada), process.assertionOf(ada)], [undefined, undefined]);
  }
  await one.signIn('second');
  await other.shared.recall(ada);
  assert.equal(other.tokenOf(ada), 'second');
  await other.shared.forget(ada);
  await putBack();
  await one.shared.recall(ada);
  assert.equal(one.tokenOf(ada), undefined, 'each sign-out counts');
});

test('a sign-in of one process is found by another, and a newer one takes its place', async (t) => {
  const [one, other] = await startTwo(t);
  await one.signIn('first');
  await other.shared.recall(ada);
  assert.deepEqual([other.tokenOf(ada), other.assertionOf(ada)], ['first', 'assertion of first']);
  await one.signIn('second');
  await other.shared.recall(ada);
  assert.equal(other.tokenOf(ada), 'second');
});

test('a sign-out in one process ends everything that another has of the person, which is notified of it', async (t) => {
  const [one, other] = await startTwo(t);
  await one.signIn('first');
  await other.shared.recall(ada);
  await one.shared.forget(ada);
  await other.shared.recall(ada);
  assert.deepEqual([other.ended, other.tokenOf(ada), other.assertionOf(ada)], [['ada'], undefined, undefined]);
  await other.shared.recall(ada);
  assert.deepEqual(other.ended, ['ada'], 'once');
});

test('what memory alone has, because the store was away, is not replaced by what the store has of earlier', async (t) => {
  const [one, other] = await startTwo(t);
  await one.signIn('first');
  const put = one.secrets.put;
  Object.assign(one.secrets, { put: () => Promise.reject(new Error('away')) });
  await one.signIn('after step-up');
  await one.shared.recall(ada);
  assert.deepEqual([one.tokenOf(ada), one.ended, one.lines.length], ['after step-up', [], 1]);
  Object.assign(one.secrets, { put });
  await one.signIn('later');
  await other.shared.recall(ada);
  assert.equal(other.tokenOf(ada), 'later');
});

test('a sign-in that is just being stored is not mistaken for one that ended', async (t) => {
  const [one] = await startTwo(t);
  const lookup = Promise.withResolvers<undefined>();
  Object.assign(one.secrets, { find: () => lookup.promise });
  const recalling = one.shared.recall(ada);
  await one.signIn('just made');
  lookup.resolve(undefined);
  await recalling;
  assert.deepEqual([one.tokenOf(ada), one.ended], ['just made', []]);
});
