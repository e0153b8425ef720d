import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRenewalNotifier } from '../../src/alerts/renewals.ts';
import type { TokenSnapshot } from '../../src/domain/alert.ts';
import type { RenewalNotice } from '../../src/domain/renewal.ts';
import { type CardContent, SendingError } from '../../src/domain/turn.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { createAlertRepositories } from '../../src/store/stores.ts';
import { createTokenViews } from '../../src/sync/token-view.ts';
import { createClock } from '../support/clock.ts';
import { outlineOf } from '../support/outline-of.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { ada, at, dayMs, thread } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { tokenOf } from '../support/turns.ts';
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
    const listDue = async () =>
      (await renewalNotices.listDue(rig.clock.at)).map(({ kind, person, conversation, token }) => {
        assert.notEqual(token.expirationDateTime, expirationDateTime);
        return [kind, person.name, conversation.id, token.id];
      });
    return { ...rig, renewals, id, listDue };
  }

  test('is noticed by the pass that sees the new date, once, for whoever started it, where they started it', async () => {
    const { passOnce, controls, id, listDue, renewals, company } = await startRenewal();
    await passOnce();
    assert.deepEqual(await listDue(), []);
    controls.renewToken(id);
    await passOnce();
    await passOnce();
    assert.deepEqual(await listDue(), [['renewed', ada.name, thread.id, id]]);
    assert.deepEqual(await renewals.listUnderWay(company), []);
  });

  test('with another account’s file is said to be that, once, and is still under way', async () => {
    const { passOnce, controls, id, listDue, renewals, company } = await startRenewal({
      appleId: 'former@contoso.com',
    });
    controls.renewToken(id);
    await passOnce();
    await passOnce();
    assert.deepEqual(await listDue(), [['otherAccount', ada.name, thread.id, id]]);
    assert.equal((await renewals.listUnderWay(company)).length, 1);
  });
});

suite('a message about a renewal', () => {
  const personal = { ...thread, id: 'a:ada', kind: 'personal' as const };
  const end: RenewalNotice = {
    id: 'a',
    kind: 'renewed',
    tenantId: ada.tenantId,
    token: tokenOf('token-1', { displayName: 'HQ', expirationDateTime: new Date(at + 10 * dayMs).toISOString() }),
    person: ada,
    conversation: thread,
    locale: 'en',
    dueAt: at,
    attempts: 0,
  };
  const reminder: RenewalNotice = { ...end, id: 'b', kind: 'reminder', dueAt: at + 1000 };
  const renewed = '✓ HQ is renewed. It now expires on 3 Dec 2026.';

  async function startBed(faults: SendingError[] = []) {
    const db = await openStore(':memory:');
    const repositories = createAlertRepositories(db);
    const clock = createClock(at);
    const { lines, log } = createLines();
    const posted: string[] = [];
    const cards: CardContent[] = [];
    const post = async (line: string) => {
      const fault = faults.shift();
      if (fault) throw fault;
      posted.push(line);
    };
    const records = createCardRecords(db);
    const runtime = createRuntime({ now: clock.now, wait: clock.wait, log });
    const start = () => {
      const notifier = createRenewalNotifier({
        runtime,
        repositories,
        views: createTokenViews({ runtime, records, repositories }),
        getPersonalChat: async ({ name }) => ({ ...personal, id: `own chat of ${name}` }),
        messenger: {
          async post({ id }, { card, summary }) {
            cards.push(card);
            await post(`${summary} in ${id}`);
            return undefined;
          },
          reply: (_conversation, threadId, text) => post(`${text} in ${threadId}`),
          mention: ({ id }, { name }, text) => post(`@${name} ${text} in ${id}`),
        },
      });
      notifier.start();
      return notifier;
    };
    return { repositories, records, clock, lines, posted, cards, start };
  }

  test('mentions the person where others are, and needs no mention in their own chat', async () => {
    const { repositories, clock, posted, start } = await startBed();
    const notifier = start();
    await repositories.renewalNotices.add(end);
    await clock.advance(5_000);
    await repositories.renewalNotices.add({ ...end, conversation: personal });
    await clock.advance(5_000);
    await notifier.stop();
    assert.deepEqual(posted, [`@${ada.name} ${renewed} in ${thread.id}`, `${renewed} in a:ada`]);
  });

  test('of another account says so, and how to compare', async () => {
    const { repositories, clock, posted, start } = await startBed();
    const notifier = start();
    await repositories.renewalNotices.add({ ...end, kind: 'otherAccount', conversation: personal });
    await clock.advance(5_000);
    await notifier.stop();
    assert.match(posted[0] ?? '', /^⚠\ufe0e HQ has a new expiry date, 3 Dec 2026, .* another Apple ID or organisation/);
  });

  test('that reminds is a card to act on in the person’s own chat and language, once it is due, through a restart', async () => {
    const { repositories, records, clock, posted, cards, start } = await startBed();
    // Tomorrow 8 days by the calendar of UTC, and 9 by that of whoever asked.
    const token = { ...reminder.token, expirationDateTime: '2026-12-02T15:30:00Z' };
    const person = { ...ada, timeZone: 'Pacific/Auckland' };
    await repositories.renewalNotices.add({ ...reminder, token, person, locale: 'zh-CN', dueAt: at + dayMs });
    clock.at = at + dayMs - 20_000;
    const first = start();
    await clock.advance(10_000);
    await first.stop();
    assert.deepEqual(posted, []);
    const second = start();
    await clock.advance(20_000);
    await second.stop();
    const chat = `own chat of ${ada.name}`;
    assert.deepEqual(posted, [`提醒：续订 HQ in ${chat}`]);
    const card = cards[0] ?? assert.fail('no card');
    assert.match(outlineOf(card), /^提醒：续订 HQ\n[\s\S]*9 天后到期/);
    const buttons = card.actions as readonly { readonly verb: string; readonly data: { readonly id: string } }[];
    assert.deepEqual(
      buttons.map(({ verb }) => verb),
      ['renew/show', 'renew/check', 'renew/remind'],
    );
    const record = await records.find(buttons[0]?.data.id ?? '');
    assert.deepEqual(
      [record?.kind, record?.conversationId, record?.payload],
      ['tokenCard', chat, { tokenId: 'token-1' }],
    );
  });

  test('that reminds is dropped once the date has moved', async () => {
    const { repositories, clock, posted, start } = await startBed();
    const token = { ...reminder.token, expirationDateTime: '2028-01-01T00:00:00Z' };
    const snapshot: TokenSnapshot = { tenantId: ada.tenantId, token, firstSeenAt: at, seenAt: at };
    await repositories.snapshots.putAll([snapshot]);
    await repositories.renewalNotices.add(reminder);
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
