import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignInRequest } from '../../src/domain/sign-in-request.ts';
import { createSignInRequests } from '../../src/store/sign-in-requests.ts';
import { onEveryEngine, onEveryStore } from '../support/open-store.ts';
import { ada, at, elif, minuteMs, thread } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

function request(id: string, changes: Partial<SignInRequest> = {}): SignInRequest {
  const what = { owner: ada, conversation: thread, locale: 'zh-CN', purpose: 'signIn', resume: 'sync 学校' } as const;
  return { id, ...what, createdAt: at, expiresAt: at + 15 * minuteMs, ...changes };
}

onEveryStore('sign-in requests', (open) => {
  test('come back as they were stored, sparse or full', async () => {
    const requests = createSignInRequests(await open());
    const full = request('full', {
      purpose: 'stepUp',
      claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
      isRetry: true,
      cardId: '1700000000001',
      messageId: '1700000000000',
      usedAt: at + 1,
      failure: { reason: 'stepUpRequired', claims: '{}', code: '50076' },
    });
    for (const each of [request('sparse'), full]) {
      await requests.add(each);
      assert.deepEqual(await requests.find(each.id), each);
    }
    assert.equal(await requests.find('unknown'), undefined);
  });

  test('a state serves once, however many ask at once, and is erased after it has expired', async () => {
    const requests = createSignInRequests(await open());
    const uses = await Promise.all(Array.from({ length: 10 }, () => requests.useState('one', at + minuteMs)));
    assert.equal(uses.filter((won) => won).length, 1);
    assert.equal(await requests.useState('two', at + minuteMs), true);
    await requests.prune(at + minuteMs);
    assert.equal(await requests.useState('one', at + minuteMs), false);
    await requests.prune(at + minuteMs + 1);
    assert.equal(await requests.useState('one', at + 2 * minuteMs), true);
  });

  test('tell why the newest that failed did so, to their own person, until it expires', async () => {
    const requests = createSignInRequests(await open());
    await requests.add(request('a'));
    await requests.add(request('b', { createdAt: at + 1 }));
    await requests.add(request('c', { createdAt: at + 2 }));
    assert.equal(await requests.findLastFailure(ada, at), undefined);
    await requests.recordFailure('a', { reason: 'unavailable' });
    await requests.recordFailure('b', { reason: 'blockedByPolicy', code: '53003' });
    assert.deepEqual(await requests.findLastFailure(ada, at), { reason: 'blockedByPolicy', code: '53003' });
    assert.equal(await requests.findLastFailure(elif, at), undefined);
    assert.equal(await requests.findLastFailure({ ...ada, tenantId: 'another' }, at), undefined);
    assert.equal(await requests.findLastFailure(ada, at + 15 * minuteMs), undefined);
  });

  test('become ones for consent or step-up, with the claims of the last', async () => {
    const requests = createSignInRequests(await open());
    await requests.add(request('a'));
    await requests.escalate('a', 'stepUp', '{"c":1}');
    assert.deepEqual(await requests.find('a'), request('a', { purpose: 'stepUp', claims: '{"c":1}' }));
    await requests.escalate('a', 'consent');
    assert.deepEqual(await requests.find('a'), request('a', { purpose: 'consent' }));
  });

  test('are taken once, and only in their time', async () => {
    const requests = createSignInRequests(await open());
    await requests.add(request('a'));
    assert.equal(await requests.take('a', at + 15 * minuteMs), false);
    const taken = await Promise.all(Array.from({ length: 20 }, () => requests.take('a', at)));
    assert.equal(taken.filter((won) => won).length, 1);
    assert.equal((await requests.find('a'))?.usedAt, at);
    assert.equal(await requests.take('unknown', at), false);
  });

  test('remember the card they wait on', async () => {
    const requests = createSignInRequests(await open());
    await requests.add(request('a'));
    await requests.setCard('a', '1700000000009');
    assert.deepEqual(await requests.find('a'), request('a', { cardId: '1700000000009' }));
  });

  test('offer a person their newest open one, in whichever thread it is shown', async () => {
    const requests = createSignInRequests(await open());
    const find = (now = at) => requests.findOpenOf(ada, thread.id.replace(/\d+$/, '5'), now);
    await requests.add(request('of-elif', { owner: elif }));
    await requests.add(request('elsewhere', { conversation: { ...thread, id: '19:other@thread.v2' } }));
    assert.equal(await find(), undefined);
    await requests.add(request('older', { createdAt: at - 1 }));
    await requests.add(request('newer'));
    assert.equal((await find())?.id, 'newer');
    await requests.take('newer', at);
    assert.equal((await find())?.id, 'older');
    assert.equal(await find(at + 15 * minuteMs), undefined);
  });

  test('are erased once they have expired', async () => {
    const requests = createSignInRequests(await open());
    await requests.add(request('a'));
    await requests.prune(at + 15 * minuteMs);
    assert.ok(await requests.find('a'));
    await requests.prune(at + 15 * minuteMs + 1);
    assert.equal(await requests.find('a'), undefined);
  });
});

onEveryEngine('sign-in requests', (newDatabase) => {
  test('outlive the process that made them', async () => {
    const database = await newDatabase();
    await createSignInRequests(await openStore(database)).add(request('a'));
    assert.deepEqual(await createSignInRequests(await openStore(database)).find('a'), request('a'));
  });
});
