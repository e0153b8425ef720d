import { licensesCard, summaryOfLicensesCard } from '../../src/cards/licenses-card.ts';
import { listCard, summaryOfListCard } from '../../src/cards/list-card.ts';
import { findPage } from '../../src/cards/paging.ts';
import { reminderCard, summaryOfReminderCard } from '../../src/cards/reminder-card.ts';
import { renewCard, summaryOfRenewCard } from '../../src/cards/renew-card.ts';
import { explainKind } from '../../src/cards/token-parts.ts';
import { summaryOfVerifyCard, verifyCard } from '../../src/cards/verify-card.ts';
import { clouds } from '../../src/clouds.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import { checkRenewal } from '../../src/domain/renewal.ts';
import { troubleOf, troubles, type VppToken } from '../../src/domain/token.ts';
import type { Locale } from '../../src/domain/turn.ts';
import { personOf } from '../support/turns.ts';
import { berlin, nastyToken, now, type Sample, states } from './samples.ts';

const statuses = ['none', 'inProgress', 'completed', 'failed'];
const dates = ['2026-11-23T14:02:00Z', '2026-12-10T00:00:00Z', '2027-11-20T00:00:00Z'];
const tokensOfAllKinds = (): readonly VppToken[] =>
  states.flatMap((state, index) =>
    statuses.map((lastSyncStatus, other) => {
      const expirationDateTime = dates[(index + other) % dates.length];
      return { ...berlin, state, lastSyncStatus, ...(expirationDateTime && { expirationDateTime }) };
    }),
  );
/** The other kinds of connectors in the states that Graph reports of them, as strange as any. */
const connectorsOfAllKinds = (nasty: string): readonly VppToken[] =>
  ['push', 'ade:c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e02'].flatMap((id) =>
    statuses.flatMap((lastSyncStatus, index) => [
      {
        id,
        displayName: nasty,
        appleId: nasty,
        state: 'valid',
        lastSyncStatus,
        expirationDateTime: dates[index % 3] ?? '',
      },
      { id, state: nasty, lastSyncStatus },
    ]),
  );
const bare: VppToken = { id: '1', state: '', lastSyncStatus: '' };
const kinds = ['personal', 'channel'] as const;
const recordId = 'r'.repeat(24);

/** The list, the licences, the renewal and its check, with good and with nasty data. */
export function* listingSamples(locale: Locale, nasty: string): Generator<Sample> {
  yield* listSamples(locale, nasty);
  yield* licensesSamples(locale, nasty);
  for (const conversationKind of kinds) {
    for (const [index, token] of [...tokensOfAllKinds(), ...connectorsOfAllKinds(nasty), nastyToken, bare].entries()) {
      const { intuneUrl } = clouds.global;
      const where = { locale, now, conversationKind, token, intuneUrl };
      const name = `${conversationKind} ${index}`;
      const callName = token === nastyToken ? nasty : token.id;
      for (const isWatched of [true, false]) {
        const renewal = isWatched ? undefined : { person: { ...personOf('ada'), name: callName }, startedAt: now };
        const steps = { ...where, callName, isWatched, recordId: 'p', ...(renewal && { renewal }) };
        yield { name: `renew ${name}`, card: renewCard(steps), summary: summaryOfRenewCard(steps) };
      }
      const reminder = { ...where, recordId: 'p' };
      yield { name: `reminder ${name}`, card: reminderCard(reminder), summary: summaryOfReminderCard(reminder) };
      for (const before of [undefined, { ...berlin, startedAt: now - 1000 }, { ...nastyToken, startedAt: 0 }]) {
        const checks = checkRenewal(token, before, now);
        const check = { ...where, callName, checks, recordId: 'p', ...(before && { before }) };
        yield { name: `verify ${name}`, card: verifyCard(check), summary: summaryOfVerifyCard(check) };
      }
    }
  }
}

function* listSamples(locale: Locale, nasty: string): Generator<Sample> {
  const long: VppToken = { ...nastyToken, displayName: nasty, locationName: `${nasty} 2`, state: nasty };
  const wide = '华'.repeat(90);
  const chinese: VppToken = { ...long, displayName: wide, locationName: `${wide} 2`, organizationName: `三${wide}` };
  const lists = {
    every: tokensOfAllKinds(),
    one: [berlin],
    nothing: [bare],
    nasty: Array.from({ length: 40 }, () => ({ ...long })),
    connectors: connectorsOfAllKinds(nasty),
    wide: Array.from({ length: 3000 }, (_, index) => ({ ...chinese, id: `${index}` })),
  };
  for (const [name, listed] of Object.entries(lists)) {
    for (const filter of [undefined, 'expiring', 'failed', 'stale'] as const) {
      for (const conversationKind of kinds) {
        const entries = listed
          .map((token) => ({ token, trouble: troubleOf(token, now) }))
          .sort((a, b) => troubles.indexOf(a.trouble) - troubles.indexOf(b.trouble));
        const total = entries.length;
        const found = { expiring: total, failed: total, stale: total };
        for (const page of new Set([0, findPage(total, 1), findPage(total, total)])) {
          const where = { locale, now, conversationKind, recordId, page, ...(filter && { filter }) };
          const note = explainKind(
            { kind: 'ade', is: 'notCovered', permissions: ['A.Read.All', 'B.Read.All'] },
            locale,
          );
          const others = { kind: 'every', notes: [note, note] } as const;
          const data = { ...where, entries, total, found, ...(name === 'connectors' && others) };
          yield {
            name: `list of ${name} ${filter} ${conversationKind}`,
            card: listCard(data),
            summary: summaryOfListCard(data),
          };
        }
      }
    }
  }
}

function* licensesSamples(locale: Locale, nasty: string): Generator<Sample> {
  const counts = [
    [0, 0],
    [3, 0],
    [41, 40],
    [40, 40],
    [96, 100],
    [3, 25],
    [2_000_000_000, 2_147_483_647],
  ] as const;
  const appsNamed = (displayName: string, length: number): VppApp[] =>
    Array.from({ length }, (_, index) => {
      const [usedLicenseCount, totalLicenseCount] = counts[index % counts.length] ?? [0, 0];
      return { id: `${index}`, displayName, bundleId: displayName, usedLicenseCount, totalLicenseCount };
    });
  for (const apps of [appsNamed('Meadow Notes', 7), appsNamed(nasty, 3000), appsNamed('华'.repeat(90), 16)]) {
    for (const low of [false, true]) {
      const token = low ? nastyToken : berlin;
      const common = { locale, token, apps, low, conversationKind: low ? ('channel' as const) : ('personal' as const) };
      for (const page of new Set([0, findPage(apps.length, 1)])) {
        const daysLeft = new Map(apps.flatMap(({ id }, index) => (index % 7 > 3 ? [[id, index % 60]] : [])));
        const rest = { uncounted: low ? 2 : 0, approximate: low, daysLeft, readAt: now, recordId, page };
        const data = { ...common, ...rest, total: apps.length, lowTotal: low ? 2 : 0 };
        yield {
          name: `licences of ${apps.length} ${common.conversationKind}`,
          card: licensesCard(data),
          summary: summaryOfLicensesCard(data),
        };
      }
    }
  }
}
