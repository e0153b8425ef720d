import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphError, type ReadOnlyGraph } from '../../src/domain/graph.ts';
import { getVppToken } from '../../src/graph/vpp.ts';
import { createSharedReads } from '../../src/sync/follow.ts';
import { personOf, tokenOf } from '../dialogs/turns.ts';
import { runOf } from './runs.ts';

/** A tenant of `count` tokens, and who asked it what. */
function createRig(count = 100) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const tenant = { tokens: Array.from({ length: count }, (_, index) => tokenOf(`t${index}`)) };
  const refusal = { list: undefined as Error | undefined };
  const graphOf = (name: string): ReadOnlyGraph => ({
    async get(path) {
      asked.push(`${name} get ${path.split('/').at(-1)}`);
      const found = tenant.tokens.find(({ id }) => path.endsWith(`/${id}`));
      if (!found) throw new GraphError('notFound', { clientRequestId: 'c' });
      return { ...found };
    },
    async listPages(path) {
      asked.push(`${name} list ${path}`);
      if (refusal.list) throw refusal.list;
      return tenant.tokens.map((token) => ({ ...token }));
    },
  });
  const share = createSharedReads({ now: () => clock.now });
  const look = (tokenId: string, who: 'ada' | 'elif' = 'ada', eye = 0, signal?: AbortSignal) => {
    const graphs = share(runOf({ requester: personOf(who) }), [graphOf(who), graphOf(`app for ${who}`)]);
    return getVppToken(graphs[eye] ?? assert.fail(), tokenId, signal ? { signal } : {});
  };
  return { clock, asked, tenant, refusal, look };
}

/** So many looks at once that listing is cheaper. */
const lookAtMany = ({ look }: ReturnType<typeof createRig>, count = 60) =>
  Promise.all(Array.from({ length: count }, (_, index) => look(`t${index}`)));

test('a few looks ask for their own token', async () => {
  const rig = createRig();
  await lookAtMany(rig, 19);
  assert.equal(rig.asked.filter((line) => line.includes('get')).length, 19);
  assert.equal(rig.asked.length, 19);
});

test('many looks share one listing, and each sees its own token', async () => {
  const rig = createRig();
  const tokens = await lookAtMany(rig);
  assert.deepEqual(
    tokens.map(({ id }) => id),
    Array.from({ length: 60 }, (_, index) => `t${index}`),
  );
  assert.equal(rig.asked.filter((line) => line.includes('list')).length, 1);
  assert.equal(rig.asked.length, 20);
});

test('a listing serves for 2 s; what is seen is never older', async () => {
  const rig = createRig();
  await lookAtMany(rig);
  rig.tenant.tokens = rig.tenant.tokens.map((token) => ({ ...token, lastSyncStatus: 'failed' }));
  rig.clock.now = 1_999;
  assert.equal((await rig.look('t70')).lastSyncStatus, 'completed');
  rig.clock.now = 2_000;
  assert.ok((await lookAtMany(rig)).every(({ lastSyncStatus }) => lastSyncStatus === 'failed'));
});

test('a token that the listing lacks is asked for itself, so that gone is gone', async () => {
  const rig = createRig();
  await lookAtMany(rig);
  await assert.rejects(rig.look('deleted'), (error: GraphError) => error.reason === 'notFound');
});

test('what one person’s eyes see serves nobody else, nor the app’s eyes theirs', async () => {
  const rig = createRig();
  await lookAtMany(rig);
  rig.asked.length = 0;
  await rig.look('t0', 'elif');
  await rig.look('t0', 'ada', 1);
  assert.deepEqual(rig.asked, ['elif get t0', 'app for ada get t0']);
});

test('a refused listing refuses each look with its reason, and the next one is asked for anew', async () => {
  const rig = createRig();
  rig.refusal.list = new GraphError('forbidden', { clientRequestId: 'c' });
  const looks = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => rig.look(`t${index}`)));
  assert.equal(looks.filter(({ status }) => status === 'rejected').length, 21);
  rig.refusal.list = undefined;
  rig.clock.now = 2_000;
  await lookAtMany(rig);
});

test('one look given up ends no other', async () => {
  const rig = createRig();
  const others = lookAtMany(rig, 30);
  const givenUp = rig.look('t1', 'ada', 0, AbortSignal.abort(new Error('enough')));
  await assert.rejects(givenUp, /enough/);
  assert.equal((await others).length, 30);
});

test('once few look again, each asks for its own', async () => {
  const rig = createRig();
  await lookAtMany(rig);
  rig.clock.now = 10_000;
  rig.asked.length = 0;
  await rig.look('t3');
  assert.deepEqual(rig.asked, ['ada get t3']);
});
