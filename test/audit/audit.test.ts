import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuditUpkeep } from '../../src/audit/audit.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { GraphError } from '../../src/domain/graph.ts';
import { keptMs } from '../../src/store/retention.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { recordEnds } from '../../src/sync/run-reporter.ts';
import { logOver, sealsWith } from '../support/audit-chain.ts';
import { createAuditRig } from '../support/audit-rig.ts';
import { runOf } from '../support/runs.ts';
import { authorizedTurn, openStore, personOf, tokenOf, turnOf } from '../support/turns.ts';

const now = 5_000_000_000;
const minuteMs = 60_000;
const token = { id: 'token-1', name: 'Adatum' };

test('says whose Intune it was about: the session’s tenant, else that of the conversation', async (t) => {
  const rig = createAuditRig(await openStore(t));
  const graph = { get: assert.fail, listPages: assert.fail, post: assert.fail };
  const guest = authorizedTurn(graph, {});
  await rig.audit.record(
    { ...guest, session: { ...guest.session, tenantId: 'home' } },
    { action: 'sync', outcome: 'joined' },
  );
  await rig.audit.record(turnOf(), { action: 'sync', outcome: 'expired' });
  const { tenantId } = personOf('ada');
  assert.deepEqual(
    (await rig.entries.list(0, 9)).map((entry) => [entry.tenant_id, entry.conversation_tenant_id]),
    [
      ['home', tenantId],
      [tenantId, tenantId],
    ],
  );
});

test('says how it began: typed, pressed, or gone on after a sign-in', async (t) => {
  const rig = createAuditRig(await openStore(t));
  const { messageId: _, ...bare } = turnOf();
  for (const turn of [turnOf(), { ...bare, cardId: 'card' }, bare]) {
    await rig.audit.record(turn, { action: 'alertsOn', outcome: 'done' });
  }
  assert.deepEqual(
    (await rig.entries.list(0, 9)).map(({ via }) => via),
    ['message', 'press', 'signIn'],
  );
});

test('keeps an error once, however many hands it passes through, with Graph’s ids', async (t) => {
  const rig = createAuditRig(await openStore(t));
  const error = new GraphError('forbidden', { clientRequestId: 'ours', requestId: 'theirs', status: 403 });
  await rig.audit.recordFailure(turnOf(), { action: 'sync', token }, error);
  await rig.audit.recordFailure(turnOf(), { action: 'sync' }, error);
  for (const odd of [new TypeError('x'), 'a text', undefined])
    await rig.audit.recordFailure(turnOf(), { action: 'snooze' }, odd);
  assert.deepEqual(await rig.kept(), [
    'Ada sync refused forbidden token-1',
    ...Array.from({ length: 3 }, () => 'Ada snooze refused unexpected'),
  ]);
  const [first] = await rig.entries.list(0, 1);
  assert.deepEqual([first?.request_id, first?.client_request_id], ['theirs', 'ours']);
});

test('records and counts how a sync ended beside showing it, and shows it even when it cannot be recorded', async (t) => {
  const rig = createAuditRig(await openStore(t));
  const shown: string[] = [];
  const counted: string[] = [];
  const reporter = recordEnds({
    reporter: {
      showProgress() {},
      showEnd: async ({ id }) => void shown.push(id),
      showStoredEnd: async ({ id }) => void shown.push(`stored ${id}`),
    },
    audit: rig.audit,
    onEnd: ({ outcome, tenantId: tenant }) => counted.push(`${outcome} ${tenant}`),
  });
  await rig.audit.record(turnOf(), { action: 'sync', outcome: 'started', runId: 'run-1', token });
  const ended = { ...runOf(), phase: 'ended', outcome: 'failed', endedAt: now, after: tokenOf('token-1') } as const;
  await reporter.showEnd(ended);
  rig.entries.appendEnd = () => Promise.reject(new Error('away'));
  await reporter.showEnd({ ...ended, id: 'run-2', batchId: 'batch' });
  await reporter.showStoredEnd({ ...ended, id: 'run-3' });
  assert.deepEqual(shown, ['run-1', 'run-2', 'stored run-3']);
  assert.deepEqual(
    counted,
    [`failed ${ended.tenantId}`, `failed ${ended.tenantId}`],
    'each is counted where it was stored',
  );
  assert.deepEqual(await rig.kept(), ['Ada sync started token-1', 'Ada sync ended:failed token-1']);
  assert.deepEqual([rig.failures.count, rig.logged.length], [1, 1]);
  const end = (await rig.entries.list(1, 1))[0];
  assert.deepEqual([end?.via, end?.correlation_id], ['bot', 'ref0000001']);
});

test('records the ends that nobody recorded, erases the old, and logs an error when the chain is broken', async (t) => {
  const db = await openStore(t);
  const clock = { now };
  const rig = createAuditRig(db, () => clock.now);
  const runs = createSyncRuns(db);
  const { entries } = rig;
  const errors: object[] = [];
  const upkeep = createAuditUpkeep({
    entries,
    verify: () => verifyAudit({ entries, seals: sealsWith('key-1') }),
    log: { error: (fields: object) => void errors.push(fields) },
  });
  await runs.add(runOf());
  await rig.audit.record(turnOf(), { action: 'sync', outcome: 'started', runId: 'run-1', token });
  await rig.audit.record(turnOf(), { action: 'sync', outcome: 'started', runId: 'never begun', token });
  await upkeep.prune(now + minuteMs);
  assert.equal((await rig.kept()).length, 2, 'whoever is at work on them tells them');
  await runs.end('run-1', { outcome: 'completed', endedAt: now });
  for (const _ of [1, 2]) await upkeep.prune(now + 6 * minuteMs);
  assert.deepEqual(await rig.kept(), [
    'Ada sync started token-1',
    'Ada sync started token-1',
    'Ada sync ended:completed token-1',
    'Ada sync ended:notStarted token-1',
  ]);
  await upkeep.prune(now + keptMs.auditEntries + 1);
  assert.equal((await rig.kept()).length, 2);
  assert.deepEqual(errors, []);
  await db.updateTable('audit_entries').set({ outcome: 'failed' }).where('seq', '=', 3).execute();
  await upkeep.prune(now + keptMs.auditEntries + 1);
  assert.deepEqual(errors, [{ seq: 3, fault: 'changed' }]);
});

test('logs an error each time where a part of the chain was sealed with a key that is not at hand', async (t) => {
  const db = await openStore(t);
  await createAuditRig(db).audit.record(turnOf(), { action: 'sync', outcome: 'started', runId: 'run-1', token });
  const entries = logOver(db, 'key-2');
  const errors: object[] = [];
  const upkeep = createAuditUpkeep({
    entries,
    verify: () => verifyAudit({ entries, seals: sealsWith('key-2') }),
    log: { error: (fields: object) => void errors.push(fields) },
  });
  for (const _ of [1, 2]) await upkeep.prune(now);
  const unproven = { segments: [{ first: 1, last: 1, keyId: 'key-1' }] };
  assert.deepEqual(errors, [unproven, unproven]);
});
