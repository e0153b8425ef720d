import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RunOutcome, SyncRun } from '../../src/domain/sync-run.ts';
import { conversationRoot } from '../../src/domain/turn.ts';
import { createSyncCounts, createSyncRuns } from '../../src/store/sync-runs.ts';
import { tokenOf } from '../support/alert-samples.ts';
import { onEveryEngine, onEveryStore } from '../support/open-store.ts';
import { ada, at, dayMs, thread } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { listWorkLeft } from '../support/work-left.ts';
import { runningRun } from './running-run.ts';

suite('sync counts', () => {
  onEveryStore('how syncs ended', (open) => {
    test('is counted since a time, by token, each sync once; a stuck one has not failed, and what goes on is not counted', async () => {
      const db = await open();
      const runs = createSyncRuns(db);
      const counts = createSyncCounts(db);
      const end = async (id: string, outcome: RunOutcome, endedAt = at, changes: Partial<SyncRun> = {}) => {
        await runs.add(runningRun(id, changes));
        await runs.end(id, { outcome, endedAt });
      };
      await end('a', 'completed');
      await end('b', 'completed', at + dayMs);
      await end('c', 'failed');
      await end('d', 'stuck');
      await end('e', 'noResult');
      await end('f', 'lost');
      await end('g', 'refused');
      await end('h', 'deleted');
      await end('old', 'completed', at - 1);
      await end('joined', 'completed', at, { joined: true });
      await end('elsewhere', 'failed', at, { tenantId: 'another' });
      await runs.add(runningRun('going'));
      const none = { completed: 0, failed: 0, stuck: 0, noResult: 0 };
      const all = { completed: 2, failed: 1, stuck: 1, noResult: 2 };
      assert.deepEqual(await counts.countEnded(ada.tenantId, 'all', at), all);
      const some = ['token of b', 'token of c', 'token of nobody'];
      assert.deepEqual(await counts.countEnded(ada.tenantId, some, at), { ...none, completed: 1, failed: 1 });
      assert.deepEqual(await counts.countEnded(ada.tenantId, [], at), none);
    });
  });
});

suite('sync runs', () => {
  type Run = SyncRun;

  function run(id: string, changes: Partial<Run> = {}): Run {
    const what = {
      tenantId: ada.tenantId,
      tokenId: 'token-1',
      phase: 'posting',
      joined: false,
      requester: ada,
    } as const;
    const flags = { seenInProgress: false, uncertain: false } as const;
    return {
      id,
      ...what,
      conversation: thread,
      locale: 'en',
      before: tokenOf('前'),
      ...flags,
      startedAt: at,
      ...changes,
    };
  }

  onEveryStore('sync runs', (open) => {
    test('come back as they were stored, sparse or full', async () => {
      const runs = createSyncRuns(await open());
      const full = run('full', {
        phase: 'ended',
        joined: true,
        messageId: '1',
        activityId: '2',
        batchId: 'batch',
        after: tokenOf('after'),
        seenInProgress: true,
        uncertain: true,
        outcome: 'completed',
        refusal: 'forbidden',
        endedAt: at + 5,
        reportedAt: at + 6,
        tookMs: 4,
        usualMs: 3,
        joinedSince: at - 1,
        licensesBefore: { kind: 'read', exact: true, apps: [{ id: 'app', name: '门店', used: 1, total: 2 }] },
        licenses: { kind: 'compared', approximate: false, apps: [] },
      });
      for (const each of [run('sparse'), full]) {
        assert.equal(await runs.add(each), true);
        assert.deepEqual(await runs.find(each.id), each);
      }
      assert.equal(await runs.find('unknown'), undefined);
    });

    test('have one leader per token, however many start at once; others may join', async () => {
      const runs = createSyncRuns(await open());
      const added = await Promise.all(Array.from({ length: 10 }, (_, index) => runs.add(run(`run ${index}`))));
      assert.equal(added.filter((won) => won).length, 1);
      assert.equal(await runs.add(run('joiner', { joined: true })), true);
      assert.equal(await runs.add(run('of another token', { tokenId: 'token-2' })), true);
      assert.equal(await runs.add(run('of another tenant', { tenantId: 'other' })), true);
      assert.equal((await runs.findLeader(ada.tenantId, 'token-1'))?.joined, false);
      assert.equal(await runs.findLeader(ada.tenantId, 'token-3'), undefined);
    });

    test('may be led again once the leader has ended', async () => {
      const runs = createSyncRuns(await open());
      await runs.add(run('a'));
      await runs.markRunning('a', { startedAt: at, uncertain: false });
      assert.equal(await runs.add(run('b')), false);
      await runs.end('a', { outcome: 'completed', endedAt: at + 1 });
      assert.equal(await runs.findLeader(ada.tenantId, 'token-1'), undefined);
      assert.equal(await runs.add(run('b')), true);
    });

    test('are ended by one caller alone, and nothing changes them afterwards', async () => {
      const runs = createSyncRuns(await open());
      await runs.add(run('a'));
      const ends = await Promise.all(
        (['completed', 'failed', 'lost'] as const).map((outcome) =>
          runs.end('a', { outcome, endedAt: at + 1, after: tokenOf(outcome) }),
        ),
      );
      assert.equal(ends.filter((won) => won).length, 1);
      const ended = await runs.find('a');
      assert.equal(ended?.after?.id, ended?.outcome);
      await runs.markRunning('a', { startedAt: at + 9, uncertain: true });
      await runs.markSeenInProgress('a');
      assert.deepEqual(await runs.find('a'), ended);
      assert.equal(await runs.end('unknown', { outcome: 'lost', endedAt: at }), false);
    });

    test('keep what happens to them on the way', async () => {
      const runs = createSyncRuns(await open());
      await runs.add(run('a'));
      const licensesBefore = { kind: 'unread', why: 'slow' } as const;
      await runs.markRunning('a', { startedAt: at + 2, uncertain: true, licensesBefore });
      await runs.markSeenInProgress('a');
      await runs.setCard('a', '1700000000001');
      const seen = { phase: 'running', startedAt: at + 2, uncertain: true, seenInProgress: true } as const;
      const stored = { ...seen, activityId: '1700000000001' };
      assert.deepEqual(await runs.find('a'), run('a', { ...stored, licensesBefore }));
      const licenses = { kind: 'notCompared', why: 'slow' } as const;
      await runs.setLicenses('a', licenses);
      assert.deepEqual(
        await runs.find('a'),
        run('a', { ...stored, licenses }),
        'what there was before is not kept longer',
      );
    });

    test('have their end reported by one caller, and are claimed until then; a batch reports its own', async () => {
      const db = await open();
      const runs = createSyncRuns(db);
      const ended = { outcome: 'completed' as const, endedAt: at + 5, tookMs: 4 };
      await runs.add(run('a'));
      await runs.add(run('in a batch', { tokenId: 'token-2', batchId: 'batch' }));
      await runs.add(run('refused', { tokenId: 'token-3' }));
      await runs.add(run('goes on', { tokenId: 'token-4' }));
      await runs.end('a', ended);
      await runs.end('in a batch', ended);
      await runs.end('refused', { outcome: 'refused', endedAt: at + 5, reportedAt: at + 5 });
      assert.deepEqual((await listWorkLeft(db)).unreported, [run('a', { phase: 'ended', ...ended })]);
      const wasFirst = await Promise.all([runs.markReported('a', at + 6), runs.markReported('a', at + 7)]);
      assert.deepEqual(wasFirst.toSorted(), [false, true]);
      assert.deepEqual((await listWorkLeft(db)).unreported, []);
      assert.equal(await runs.markReported('unknown', at), false);
    });

    test('list how long the newest completed syncs took, where that is known', async () => {
      const runs = createSyncRuns(await open());
      const ended = { phase: 'ended', outcome: 'completed' } as const;
      for (let minute = 1; minute <= 5; minute += 1) {
        await runs.add(run(`run ${minute}`, { ...ended, endedAt: at + minute, tookMs: minute * 100 }));
      }
      await runs.add(run('not watched', { ...ended, endedAt: at + 9 }));
      await runs.add(run('joined', { ...ended, joined: true, endedAt: at + 9, tookMs: 1 }));
      await runs.add(run('failed', { ...ended, outcome: 'failed', endedAt: at + 9, tookMs: 1 }));
      await runs.add(run('other', { ...ended, tokenId: 'token-2', endedAt: at + 9, tookMs: 1 }));
      assert.deepEqual(await runs.listTimesTaken(ada.tenantId, 'token-1', 3), [500, 400, 300]);
      assert.deepEqual(await runs.listTimesTaken('other', 'token-1', 3), []);
    });

    test('are overtaken by a later run on their card, in the same place, that was not refused', async () => {
      const runs = createSyncRuns(await open());
      const first = run('first', { activityId: '17', phase: 'ended', endedAt: at + 1 });
      await runs.add(first);
      const isOvertaken = async (id: string, changes: Partial<Run>) => {
        await runs.add(run(id, { activityId: '17', joined: true, startedAt: at + 9, ...changes }));
        return runs.isSuperseded(first);
      };
      assert.equal(await isOvertaken('earlier', { startedAt: at - 1 }), false);
      assert.equal(await isOvertaken('on another card', { activityId: '18' }), false);
      assert.equal(await isOvertaken('elsewhere', { conversation: { ...thread, id: 'a:1' } }), false);
      assert.equal(await isOvertaken('refused', { phase: 'ended', outcome: 'refused' }), false);
      assert.equal(await isOvertaken('later', {}), true);
      assert.equal(await runs.isSuperseded(run('without a card')), false);
    });

    test('with cards are listed by token, the newest first, while they go on and since a time', async () => {
      const runs = createSyncRuns(await open());
      const ended = { phase: 'ended', outcome: 'failed' } as const;
      await runs.add(run('old', { ...ended, endedAt: at - 1 }));
      await runs.add(run('ended', { ...ended, endedAt: at, startedAt: at - 9 }));
      await runs.add(run('going', { joined: true, startedAt: at + 1 }));
      await runs.add(run('of a batch', { joined: true, batchId: 'batch' }));
      await runs.add(run('of another token', { tokenId: 'token-2' }));
      await runs.add(run('of another tenant', { tenantId: 'another' }));
      const listed = await runs.listWithCards(ada.tenantId, 'token-1', at);
      assert.deepEqual(
        listed.map(({ id }) => id),
        ['going', 'ended'],
      );
    });

    test('are found by the card that shows them, the newest that was not refused', async () => {
      const runs = createSyncRuns(await open());
      const find = async (place: string, card = '17') => (await runs.findOnCard(ada.tenantId, place, card))?.id;
      assert.equal(await find(thread.id), undefined);
      await runs.add(run('first', { activityId: '17', phase: 'ended', endedAt: at }));
      await runs.add(run('second', { activityId: '17', joined: true, startedAt: at + 1 }));
      await runs.add(run('refused', { activityId: '17', joined: true, startedAt: at + 2, outcome: 'refused' }));
      await runs.add(run('elsewhere', { activityId: '17', joined: true, conversation: { ...thread, id: 'a:1' } }));
      assert.equal(await find(thread.id), 'second');
      assert.equal(await find(conversationRoot(thread.id)), 'second');
      assert.equal(await find('a:1'), 'elsewhere');
      assert.equal(await find(thread.id, '18'), undefined);
    });

    test('are claimed until they end, joined ones too', async () => {
      const db = await open();
      const runs = createSyncRuns(db);
      await runs.add(run('a'));
      await runs.add(run('b', { joined: true, phase: 'running' }));
      await runs.add(run('c', { tokenId: 'token-2' }));
      await runs.end('c', { outcome: 'completed', endedAt: at });
      assert.deepEqual((await listWorkLeft(db)).unfinished.map(({ id }) => id).toSorted(), ['a', 'b']);
    });

    test('list the tokens that are led now, and those completed after a moment by those who led', async () => {
      const runs = createSyncRuns(await open());
      const ended = { phase: 'ended', outcome: 'completed' } as const;
      await runs.add(run('posting'));
      await runs.add(run('joined', { joined: true, tokenId: 'token-2', phase: 'running' }));
      await runs.add(run('elsewhere', { tenantId: 'other' }));
      await runs.add(run('on the moment', { ...ended, tokenId: 'token-3', endedAt: at }));
      await runs.add(run('after', { ...ended, tokenId: 'token-4', endedAt: at + 1 }));
      await runs.add(run('after, again', { ...ended, tokenId: 'token-4', endedAt: at + 2 }));
      await runs.add(run('after, joined', { ...ended, joined: true, tokenId: 'token-5', endedAt: at + 1 }));
      await runs.add(run('after, failed', { ...ended, outcome: 'failed', tokenId: 'token-6', endedAt: at + 1 }));
      assert.deepEqual(await runs.listLedTokenIds(ada.tenantId), ['token-1']);
      assert.deepEqual(await runs.listTokenIdsCompletedAfter(ada.tenantId, at), ['token-4']);
    });

    test('are found by their batch, ended or not', async () => {
      const runs = createSyncRuns(await open());
      await runs.add(run('a', { batchId: 'one' }));
      await runs.add(run('b', { batchId: 'one', tokenId: 'token-2', phase: 'ended', outcome: 'failed' }));
      await runs.add(run('c', { batchId: 'two', tokenId: 'token-3' }));
      await runs.add(run('d', { tokenId: 'token-4' }));
      assert.deepEqual((await runs.listOfBatch('one')).map(({ id }) => id).toSorted(), ['a', 'b']);
    });

    test('find how a token last ended in this way, by those who led', async () => {
      const runs = createSyncRuns(await open());
      const ended = { phase: 'ended', outcome: 'completed' } as const;
      await runs.add(run('older', { ...ended, endedAt: at + 1 }));
      await runs.add(run('newer', { ...ended, endedAt: at + 2 }));
      await runs.add(run('joined', { ...ended, joined: true, endedAt: at + 3 }));
      await runs.add(run('failed', { ...ended, outcome: 'failed', endedAt: at + 4 }));
      await runs.add(run('other', { ...ended, tokenId: 'token-2', endedAt: at + 5 }));
      assert.equal((await runs.findLastEnded(ada.tenantId, 'token-1', 'completed'))?.id, 'newer');
      assert.equal(await runs.findLastEnded(ada.tenantId, 'token-1', 'lost'), undefined);
    });

    test('are forgotten half a year after they began, those that never ended, too', async () => {
      const runs = createSyncRuns(await open());
      await runs.add(run('ended', { phase: 'ended', outcome: 'completed', endedAt: at + 1 }));
      await runs.add(run('unfinished'));
      await runs.add(run('younger', { tokenId: 'token-2', startedAt: at + 2 * dayMs }));
      await runs.prune(at + 180 * dayMs);
      assert.ok((await runs.find('ended')) && (await runs.find('unfinished')));
      await runs.prune(at + 181 * dayMs);
      assert.deepEqual([await runs.find('ended'), await runs.find('unfinished')], [undefined, undefined]);
      assert.ok(await runs.find('younger'));
    });
  });

  onEveryEngine('sync runs', (newDatabase) => {
    test('have one leader per token across processes', async () => {
      const database = await newDatabase();
      const stores = [await openStore(database), await openStore(database)];
      const both = stores.map((db) => createSyncRuns(db));
      for (let token = 0; token < 20; token += 1) {
        const tokenId = `token-${token}`;
        const added = await Promise.all(both.map((runs, index) => runs.add(run(`${tokenId} ${index}`, { tokenId }))));
        assert.deepEqual(added.toSorted(), [false, true]);
        const leaders = await Promise.all(both.map((runs) => runs.findLeader(ada.tenantId, tokenId)));
        assert.deepEqual(leaders[0], leaders[1]);
      }
    });
  });
});
