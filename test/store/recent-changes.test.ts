import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlerts } from '../../src/store/alerts.ts';
import { createRecentChanges } from '../../src/store/recent-changes.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { alertOf } from '../support/alert-of.ts';
import { onEveryStore } from '../support/open-store.ts';
import { ada, at } from '../support/stored.ts';
import { runningRun } from './running-run.ts';

onEveryStore('a change that a reading may not show', (open) => {
  test('is a sync that goes on, or ended since; another tenant’s is none', async () => {
    const db = await open();
    const [changes, runs] = [createRecentChanges(db), createSyncRuns(db)];
    assert.equal(await changes.areKnown(ada.tenantId, at), false);
    await runs.add(runningRun('one'));
    assert.equal(await changes.areKnown(ada.tenantId, at + 1_000), true);
    assert.equal(await changes.areKnown('another', at), false);
    await runs.end('one', { outcome: 'completed', endedAt: at + 500 });
    assert.equal(await changes.areKnown(ada.tenantId, at + 500), true);
    assert.equal(await changes.areKnown(ada.tenantId, at + 501), false);
  });

  test('is an alert that began or ended since', async () => {
    const db = await open();
    const [changes, alerts] = [createRecentChanges(db), createAlerts(db)];
    const alert = alertOf({ tenantId: ada.tenantId, openedAt: at });
    await alerts.put(alert);
    assert.equal(await changes.areKnown(ada.tenantId, at), true);
    assert.equal(await changes.areKnown(ada.tenantId, at + 1), false);
    await alerts.put({ ...alert, revision: alert.revision + 1, endedAt: at + 9, ending: 'resolved' });
    assert.equal(await changes.areKnown(ada.tenantId, at + 9), true);
    assert.equal(await changes.areKnown(ada.tenantId, at + 10), false);
  });
});
