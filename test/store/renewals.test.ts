import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Renewal, RenewalNotice } from '../../src/domain/renewal.ts';
import { createRenewalNotices, createRenewals } from '../../src/store/renewals.ts';
import { onEveryStore } from '../support/open-store.ts';
import { ada, at, elif, thread } from '../support/stored.ts';
import { tokenOf } from '../support/turns.ts';

const dayMs = 24 * 60 * 60 * 1000;
const key = { tenantId: 'tenant-1', tokenId: 'token-1' };
const sparse: Renewal = { ...key, startedAt: at, person: ada, conversation: thread, locale: 'en' };

onEveryStore('renewals', (open) => {
  test('come back as they were stored, sparse or full', async () => {
    const renewals = createRenewals(await open());
    const full: Renewal = {
      ...sparse,
      tokenId: 'token-2',
      expirationDateTime: '2026-12-01T00:00:00.1234567Z',
      appleId: 'ä@b',
      organizationName: '前',
    };
    for (const renewal of [sparse, full]) {
      assert.equal(await renewals.start(renewal), true);
      assert.deepEqual(await renewals.find('tenant-1', renewal.tokenId), renewal);
    }
    assert.equal(await renewals.find('tenant-2', 'token-1'), undefined);
    assert.deepEqual((await renewals.listUnderWay('tenant-1')).length, 2);
  });

  test('one under way is not replaced, also not by twenty at once; one that is over is', async () => {
    const renewals = createRenewals(await open());
    const started = await Promise.all(Array.from({ length: 20 }, () => renewals.start(sparse)));
    assert.equal(started.filter((won) => won).length, 1);
    await renewals.announce(key, 'otherAccount');
    assert.equal(await renewals.start({ ...sparse, person: elif }), false);
    await renewals.announce(key, 'renewed');
    assert.equal(await renewals.start({ ...sparse, person: elif, startedAt: at + 1 }), true);
    assert.deepEqual(await renewals.find('tenant-1', 'token-1'), { ...sparse, person: elif, startedAt: at + 1 });
  });

  test('each end is announced by one caller, and none after it is renewed', async () => {
    const renewals = createRenewals(await open());
    await renewals.start(sparse);
    const announceAtOnce = async (end: 'renewed' | 'otherAccount') =>
      (await Promise.all(Array.from({ length: 20 }, () => renewals.announce(key, end)))).filter((won) => won).length;
    assert.equal(await announceAtOnce('otherAccount'), 1);
    assert.equal((await renewals.listUnderWay('tenant-1')).length, 1);
    assert.equal(await announceAtOnce('renewed'), 1);
    assert.equal(await announceAtOnce('otherAccount'), 0);
    assert.deepEqual(await renewals.listUnderWay('tenant-1'), []);
    assert.equal((await renewals.find('tenant-1', 'token-1'))?.announced, 'renewed');
  });

  test('are forgotten after half a year', async () => {
    const renewals = createRenewals(await open());
    await renewals.start(sparse);
    await renewals.prune(at + 179 * dayMs);
    assert.ok(await renewals.find('tenant-1', 'token-1'));
    await renewals.prune(at + 181 * dayMs);
    assert.equal(await renewals.find('tenant-1', 'token-1'), undefined);
  });
});

onEveryStore('messages about renewals', (open) => {
  const place = { tenantId: 'tenant-1', person: ada, conversation: thread, attempts: 0 };
  const token = tokenOf('token-1', { displayName: '学校', expirationDateTime: '2026-12-01T00:00:00.1234567Z' });
  const line: RenewalNotice = { ...place, id: 'a', kind: 'reminder', token, locale: 'zh-CN', dueAt: at + dayMs };

  test('come back once they are due, the oldest first', async () => {
    const notices = createRenewalNotices(await open());
    const end: RenewalNotice = { ...line, id: 'b', kind: 'renewed', locale: 'en', dueAt: at };
    for (const each of [line, end]) await notices.add(each);
    assert.deepEqual(await notices.listDue(at + dayMs - 1), [end]);
    assert.deepEqual(await notices.listDue(at + dayMs), [end, line]);
  });

  test('are taken once, however many take at once', async () => {
    const notices = createRenewalNotices(await open());
    await notices.add(line);
    const taken = await Promise.all(Array.from({ length: 20 }, () => notices.take('a')));
    assert.equal(taken.filter((won) => won).length, 1);
    assert.deepEqual(await notices.listDue(at + dayMs), []);
  });

  test('a person’s newer reminder of a token replaces the older, and nobody else’s', async () => {
    const notices = createRenewalNotices(await open());
    await notices.add(line);
    await notices.add({ ...line, id: 'b', person: elif });
    await notices.add({ ...line, id: 'c', dueAt: at + 2 * dayMs });
    const ids = (await notices.listDue(at + 2 * dayMs)).map(({ id }) => id);
    assert.deepEqual(ids, ['b', 'c']);
  });

  test('are forgotten a week after they were due', async () => {
    const notices = createRenewalNotices(await open());
    await notices.add(line);
    await notices.prune(at + 8 * dayMs);
    assert.equal((await notices.listDue(at + 8 * dayMs)).length, 1);
    await notices.prune(at + 8 * dayMs + 1);
    assert.deepEqual(await notices.listDue(at + 8 * dayMs), []);
  });
});
