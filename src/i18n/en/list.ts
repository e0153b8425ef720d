import { formats } from '../formats.ts';
import { roughly } from '../roughly.ts';

const { number } = formats.en;
const ago = (ms: number) => `${roughly(ms, 'en')} ago`;
const tokens = (count: number) => (count === 1 ? '1 token' : `${number(count)} tokens`);

/** A table of tokens. Durations are milliseconds; an unknown moment is left out. */
export const list = {
  heading: {
    all: (total: number) => (total === 1 ? '1 VPP token' : `${number(total)} VPP tokens, worst first`),
    expiring: (count: number, total: number) =>
      `${number(count)} of ${tokens(total)} within 30 days of expiry or past it`,
    failed: (count: number, total: number) => `${number(count)} of ${tokens(total)} with a failed sync or not valid`,
    stale: (count: number, total: number) => `${number(count)} of ${tokens(total)} without a sync for over 36 hours`,
  },
  count: {
    expired: (count: number) => `${number(count)} expired`,
    invalid: (count: number) => `${number(count)} invalid`,
    assignedToExternalMDM: (count: number) => `${number(count)} in use by another MDM`,
    duplicateLocationId: (count: number) => `${number(count)} with a duplicate location`,
    otherState: (count: number) => `${number(count)} of unknown state`,
    syncFailed: (count: number) => `${number(count)} with a failed sync`,
    expiring: (count: number) => `${number(count)} expiring soon`,
    stale: (count: number) => `${number(count)} not synced for long`,
    fine: (count: number) => `${number(count)} in good order`,
  },
  separator: ', ',
  label: { token: 'Token and last sync', state: 'State and expiry' },
  sync: {
    completed: (agoMs: number) => `Synced ${ago(agoMs)}`,
    failed: (agoMs?: number) => (agoMs === undefined ? 'Last sync failed' : `Last sync failed, ${ago(agoMs)}`),
    running: 'Syncing now',
    stuck: (ms: number) => `Syncing for ${roughly(ms, 'en')}, seems stuck`,
    never: 'Never synced',
    other: (raw: string) => `Last sync: Intune says “${raw}”`,
  },
  more: (count: number) => `and ${number(count)} more`,
  moreAndFilters: (count: number) =>
    `and ${number(count)} more; say “list vpp expiring”, “list vpp failed” or “list vpp stale” to see these alone`,
  hint: 'Say “status” and a name for the cause and the next step.',
  unknownFilter: (asked: string) =>
    `I cannot list by “${asked}”. Say “list vpp” for all tokens, or “list vpp expiring”, “list vpp failed” or “list vpp stale”.`,
  noneMatch: {
    expiring: (total: number) => `None of the ${tokens(total)} you can see expires within 30 days or is past its date.`,
    failed: (total: number) => `All ${tokens(total)} you can see are valid, and no last sync failed.`,
    stale: (total: number) => `All ${tokens(total)} you can see synced within the last 36 hours.`,
  },
} as const;
