import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRenewalNotifier } from '../../src/alerts/renewals.ts';
import type { TokenSnapshot } from '../../src/domain/alert.ts';
import type { RenewalNotice } from '../../src/domain/renewal.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { SendingError } from '../../src/domain/turn.ts';
import { createAlertRepositories } from '../../src/store/stores.ts';
import { createClock } from '../support/clock.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { ada, at, thread } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { startPasses } from './pass-rig.ts';

suite('a renewal that somebody has started', () => {
  async function startRenewal(before: { readonly appleId?: string } = {}) {
    const rig = await startPasses();
    const { renewals, renewalNotices } = createAlertRepositories(rig.db);
    await rig.passOnce();
    const { id, appleId } = rig.tokenOf('hq');
    const [seen] = (await rig.snapshots.listOfTenant(rig.company)).filter(({ token }) => token.id === id);
    const { expirationDateTime, organizationName } = seen?.token ?? assert.fail('the token was not seen');
    await renewals.start({
      tenantId: rig.company,
      tokenId: id,
      startedAt: rig.clock.at,
      person: ada,
      conversation: thread,
      locale: 'en',
      appleId: before.appleId ?? appleId,
      ...(expirationDateTime && { expirationDateTime }),
      ...(organizationName && { organizationName }),
    });
    const listLines = async () =>
      (await renewalNotices.listDue(rig.clock.at)).map(({ kind, person, conversation, text }) => [
        kind,
        person.name,
        conversation.id,
        text.replace(/\d+ \w+ \d{4}/, 'a date'),
      ]);
    return { ...rig, renewals, id, listLines };
  }

  test('is noticed by the pass that sees the new date, once, for whoever started it, where they started it', async () => {
    const { passOnce, controls, id, listLines, renewals, company } = await startRenewal();
    await passOnce();
    assert.deepEqual(await listLines(), []);
    controls.renewToken(id);
    await passOnce();
    await passOnce();
    const line = '✓ Contoso is renewed. It now expires on a date.';
    assert.deepEqual(await listLines(), [['end', ada.name, thread.id, line]]);
    assert.deepEqual(await renewals.listUnderWay(company), []);
  });

  test('with another account’s file is said to be that, once, and is still under way', async () => {
    const { passOnce, controls, id, listLines, renewals, company } = await startRenewal({
      appleId: 'former@contoso.com',
    });
    controls.renewToken(id);
    await passOnce();
    await passOnce();
    const [line, ...others] = await listLines();
    assert.deepEqual(others, []);
    assert.match(line?.[3] ?? '', /^⚠\ufe0e Contoso has a new expiry date, .* another Apple ID or organisation/);
    assert.equal((await renewals.listUnderWay(company)).length, 1);
  });
});

suite('a line about a renewal', () => {
  const personal = { ...thread, id: 'a:ada', kind: 'personal' as const };
  const end: RenewalNotice = {
    id: 'a',
    kind: 'end',
    tenantId: ada.tenantId,
    tokenId: 'token-1',
    person: ada,
    conversation: thread,
    text: 'renewed',
    dueAt: at,
    attempts: 0,
  };
  const reminder: RenewalNotice = { ...end, id: 'b', kind: 'reminder', text: 'remember', dueAt: at + 1000 };

  async function startBed(faults: SendingError[] = []) {
    const db = await openStore(':memory:');
    const repositories = createAlertRepositories(db);
    const clock = createClock(at);
    const { lines, log } = createLines();
    const posted: string[] = [];
    const post = async (line: string) => {
      const fault = faults.shift();
      if (fault) throw fault;
      posted.push(line);
    };
    const start = () => {
      const notifier = createRenewalNotifier({
        runtime: createRuntime({ now: clock.now, wait: clock.wait, log }),
        repositories,
        getPersonalChat: async ({ name }) => ({ ...personal, id: `own chat of ${name}` }),
        messenger: {
          reply: (_conversation, threadId, text) => post(`${text} in ${threadId}`),
          mention: ({ id }, { name }, text) => post(`@${name} ${text} in ${id}`),
        },
      });
      notifier.start();
      return notifier;
    };
    return { repositories, clock, lines, posted, start };
  }

  test('mentions the person where others are, and needs no mention in their own chat', async () => {
    const { repositories, clock, posted, start } = await startBed();
    const notifier = start();
    await repositories.renewalNotices.add(end);
    await clock.advance(5_000);
    await repositories.renewalNotices.add({ ...end, conversation: personal });
    await clock.advance(5_000);
    await notifier.stop();
    assert.deepEqual(posted, [`@${ada.name} renewed in ${thread.id}`, 'renewed in a:ada']);
  });

  test('that reminds waits for its time, through a restart, and goes to the person’s own chat alone', async () => {
    const { repositories, clock, posted, start } = await startBed();
    await repositories.renewalNotices.add({ ...reminder, dueAt: at + 86_400_000 });
    const first = start();
    await clock.advance(86_000_000);
    await first.stop();
    assert.deepEqual(posted, []);
    const second = start();
    await clock.advance(410_000);
    await second.stop();
    assert.deepEqual(posted, [`remember in own chat of ${ada.name}`]);
  });

  test('that reminds is dropped once the date has moved', async () => {
    const { repositories, clock, posted, start } = await startBed();
    const token = { id: 'token-1', state: 'valid', lastSyncStatus: 'none', expirationDateTime: '2028-01-01T00:00:00Z' };
    const snapshot: TokenSnapshot = { tenantId: ada.tenantId, token: token as VppToken, firstSeenAt: at, seenAt: at };
    await repositories.snapshots.putAll([snapshot]);
    await repositories.renewalNotices.add({ ...reminder, expirationDateTime: '2027-01-01T00:00:00Z' });
    const notifier = start();
    await clock.advance(10_000);
    await notifier.stop();
    assert.deepEqual(posted, []);
    assert.deepEqual(await repositories.renewalNotices.listDue(clock.at), []);
  });

  test('that Teams surely did not take is sent again later; one that it may have taken, or refuses, is not', async () => {
    const passing = new SendingError('passing', '503');
    const { repositories, clock, posted, lines, start } = await startBed([passing, passing]);
    await repositories.renewalNotices.add(end);
    const notifier = start();
    await clock.advance(60_000);
    assert.deepEqual([posted.length, lines.length], [1, 2]);
    await notifier.stop();
    for (const fault of [new SendingError('passing', '504', { mayBeTaken: true }), new SendingError('closed', '403')]) {
      const bed = await startBed([fault]);
      await bed.repositories.renewalNotices.add(end);
      const other = bed.start();
      await bed.clock.advance(600_000);
      await other.stop();
      assert.deepEqual([bed.posted.length, bed.lines.length], [0, 1]);
    }
  });

  test('that several processes see is posted by one', async () => {
    const { repositories, clock, posted, start } = await startBed();
    await repositories.renewalNotices.add(end);
    const processes = [start(), start(), start()];
    await clock.advance(20_000);
    await Promise.all(processes.map((each) => each.stop()));
    assert.equal(posted.length, 1);
  });
});
