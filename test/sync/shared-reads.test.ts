import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { GraphError, type ReadOnlyGraph } from '../../src/domain/graph.ts';
import { getVppToken } from '../../src/graph/vpp.ts';
import { createSharedReads } from '../../src/sync/shared-reads.ts';
import { runOf } from '../support/runs.ts';
import { personOf, tokenOf } from '../support/turns.ts';

suite('shared reads', () => {
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
    const read = (tokenId: string, who: 'ada' | 'elif' = 'ada', reader = 0, signal?: AbortSignal) => {
      const graphs = share(runOf({ requester: personOf(who) }), [graphOf(who), graphOf(`app for ${who}`)]);
      return getVppToken(graphs[reader] ?? assert.fail(), tokenId, signal ? { signal } : {});
    };
    return { clock, asked, tenant, refusal, read };
  }

  /** So many reads at once that listing is cheaper. */
  const readMany = ({ read }: ReturnType<typeof createRig>, count = 60) =>
    Promise.all(Array.from({ length: count }, (_, index) => read(`t${index}`)));

  test('a few reads ask for their own token', async () => {
    const rig = createRig();
    await readMany(rig, 19);
    assert.equal(rig.asked.filter((line) => line.includes('get')).length, 19);
    assert.equal(rig.asked.length, 19);
  });

  test('many reads share one listing, and each sees its own token', async () => {
    const rig = createRig();
    const tokens = await readMany(rig);
    assert.deepEqual(
      tokens.map(({ id }) => id),
      Array.from({ length: 60 }, (_, index) => `t${index}`),
    );
    assert.equal(rig.asked.filter((line) => line.includes('list')).length, 1);
    assert.equal(rig.asked.length, 20);
  });

  test('a listing serves for 2 s; what is seen is never older', async () => {
    const rig = createRig();
    await readMany(rig);
    rig.tenant.tokens = rig.tenant.tokens.map((token) => ({ ...token, lastSyncStatus: 'failed' }));
    rig.clock.now = 1_999;
    assert.equal((await rig.read('t70')).lastSyncStatus, 'completed');
    rig.clock.now = 2_000;
    assert.ok((await readMany(rig)).every(({ lastSyncStatus }) => lastSyncStatus === 'failed'));
  });

  test('a token that the listing lacks is asked for itself, so that gone is gone', async () => {
    const rig = createRig();
    await readMany(rig);
    await assert.rejects(rig.read('deleted'), (error: GraphError) => error.reason === 'notFound');
  });

  test('one person’s listing serves nobody else, nor the app’s serves theirs', async () => {
    const rig = createRig();
    await readMany(rig);
    rig.asked.length = 0;
    await rig.read('t0', 'elif');
    await rig.read('t0', 'ada', 1);
    assert.deepEqual(rig.asked, ['elif get t0', 'app for ada get t0']);
  });

  test('a refused listing refuses each read with its reason, and the next one is asked for anew', async () => {
    const rig = createRig();
    rig.refusal.list = new GraphError('forbidden', { clientRequestId: 'c' });
    const reads = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => rig.read(`t${index}`)));
    assert.equal(reads.filter(({ status }) => status === 'rejected').length, 21);
    rig.refusal.list = undefined;
    rig.clock.now = 2_000;
    await readMany(rig);
  });

  test('one read given up ends no other', async () => {
    const rig = createRig();
    const others = readMany(rig, 30);
    const givenUp = rig.read('t1', 'ada', 0, AbortSignal.abort(new Error('enough')));
    await assert.rejects(givenUp, /enough/);
    assert.equal((await others).length, 30);
  });

  test('once few read again, each asks for its own', async () => {
    const rig = createRig();
    await readMany(rig);
    rig.clock.now = 10_000;
    rig.asked.length = 0;
    await rig.read('t3');
    assert.deepEqual(rig.asked, ['ada get t3']);
  });
});
