/**
 * The notifications that everybody must get, worked out from the script and nothing of the product: conditions of a
 * token by plain comparison, one memory per token and condition, one per subscriber.
 */

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** A token as the script has made it. */
export interface ScriptedToken {
  readonly id: string;
  readonly title: string;
  state: string;
  expiresAt: number;
  completedAt: number;
  sync: 'completed' | 'failed' | 'inProgress';
  syncBeganAt: number;
  licences: 'fine' | 'low' | 'usedUp';
  isDeleted: boolean;
}

export type Kind = 'expired' | 'invalid' | 'mdm' | 'duplicate' | 'expiring' | 'failed' | 'stuck' | 'stale' | 'licences';
export const kinds: readonly Kind[] = [
  'expired',
  'invalid',
  'mdm',
  'duplicate',
  'expiring',
  'failed',
  'stuck',
  'stale',
  'licences',
];

type Seen = { readonly is: 'present'; readonly stage: number } | { readonly is: 'over' | 'silentlyOver' | 'unknown' };

const stagesOf: Readonly<Record<Kind | 'deleted' | 'monitoring', readonly string[]>> = {
  deleted: [''],
  expired: [''],
  invalid: [''],
  mdm: [''],
  duplicate: [''],
  failed: [''],
  stuck: [''],
  monitoring: [''],
  expiring: [' d30', ' d14', ' d7', ' d3', ' d1', ' d0'],
  stale: [' h36', ' h72'],
  licences: [' low', ' usedUp'],
};
const mostDays = [30, 14, 7, 3, 2, 1];
const present = (stage: number): Seen => ({ is: 'present', stage });
const stageOrOver = (stage: number): Seen => (stage < 0 ? { is: 'over' } : present(stage));
const broken: Readonly<Record<string, string>> = {
  invalid: 'invalid',
  mdm: 'assignedToExternalMDM',
  duplicate: 'duplicateLocationId',
};

function look(token: ScriptedToken, kind: Kind, now: number, readsLicences: boolean): Seen {
  const isExpired = token.state === 'expired' || token.expiresAt <= now;
  const cannotSync = isExpired || token.state === 'invalid' || token.state === 'assignedToExternalMDM';
  const over: Seen = { is: cannotSync ? 'silentlyOver' : 'over' };
  switch (kind) {
    case 'expired':
      return isExpired ? present(0) : over;
    case 'invalid':
    case 'mdm':
    case 'duplicate':
      return token.state === broken[kind] && !(kind === 'invalid' && isExpired) ? present(0) : over;
    case 'expiring': {
      if (isExpired) return { is: 'silentlyOver' };
      return stageOrOver(mostDays.findLastIndex((days) => token.expiresAt - now <= days * dayMs));
    }
    case 'licences':
      return readsLicences ? stageOrOver(['low', 'usedUp'].indexOf(token.licences)) : { is: 'unknown' };
    default:
  }
  if (cannotSync) return { is: 'silentlyOver' };
  if (kind === 'stale') return stageOrOver([36, 72].findLastIndex((hours) => now - token.completedAt > hours * hourMs));
  if (kind === 'failed') {
    if (token.sync === 'failed') return present(0);
    return { is: token.sync === 'completed' ? 'over' : 'unknown' };
  }
  if (token.sync === 'inProgress') return now - token.syncBeganAt >= 30 * minuteMs ? present(0) : { is: 'unknown' };
  return { is: token.sync === 'failed' ? 'silentlyOver' : 'over' };
}

export interface Subscriber {
  readonly key: string;
  readonly tokenIds: 'all' | ReadonlySet<string>;
  readonly kinds: ReadonlySet<Kind>;
  /** From and to, epoch milliseconds. */
  readonly quiet?: { readonly from: number; readonly to: number };
  /** Told nothing (any more). */
  isOff: boolean;
}

/** One alert from its opening on; what comes back soon after an end without an announcement is the same. */
interface Memory {
  readonly title: string;
  readonly tokenId: string;
  readonly kind: Kind | 'deleted' | 'monitoring';
  stage: number;
  isOpen: boolean;
  readonly openedAt: number;
  notifiedAt: number;
  endedAt?: number;
  endAnnounced?: boolean;
  isResolved?: boolean;
  /** A warning that opened soon after an announced end: over as soon, its end is not announced. */
  mayFlap?: boolean;
  /** Back, and not announced yet. */
  suppressedUntil?: number | undefined;
  returnedAt?: number;
  /** By subscriber: the stage they were notified of last, and when. */
  readonly notified: Map<string, { readonly stage: number; readonly at: number }>;
}

interface Event {
  readonly memory: Memory;
  /** `back`: soon after its end, open again; new to those who were never notified of it. */
  readonly is: 'wrong' | 'over' | 'back' | 'cameBack';
}

const isCritical = ({ kind, stage }: Memory) =>
  ['deleted', 'expired', 'invalid', 'mdm', 'monitoring'].includes(kind) ||
  ['d1', 'd0', 'h72'].includes(stageName(kind, stage).trim());
const stageName = (kind: Memory['kind'], stage: number) => stagesOf[kind][stage] ?? '';
const over = ({ title, kind }: Memory) => `${title}: over ${kind}`;

export type DayModel = ReturnType<typeof createDayModel>;

export function createDayModel(tokens: readonly ScriptedToken[], subscribers: readonly Subscriber[]) {
  const memories = new Map<string, Memory>();
  /** By deleted token: how many passes came without it. */
  const missed = new Map<string, number>();
  const held = new Map<string, Map<Memory, Set<'wrong' | 'over'>>>();

  /** What is wrong in the words of an alert: days until an expiry are those of UTC's calendar. */
  function wrong({ title, kind, stage, tokenId }: Memory, now: number): string {
    if (kind !== 'expiring') return `${title}: ${kind}${stageName(kind, stage)}`;
    const expiresAt = tokens.find(({ id }) => id === tokenId)?.expiresAt ?? Number.NaN;
    return `${title}: expiring in ${Math.floor(expiresAt / dayMs) - Math.floor(now / dayMs)} days`;
  }

  function step(kind: Memory['kind'], tokenId: string, title: string, seen: Seen, now: number): Event[] {
    const key = `${tokenId} ${kind}`;
    const memory = memories.get(key);
    if (!memory?.isOpen) {
      if (seen.is !== 'present') return [];
      const isSoon = memory?.endedAt !== undefined && now - memory.endedAt < 30 * minuteMs;
      if (memory?.endedAt !== undefined && isSoon && !memory.endAnnounced) {
        memory.isOpen = true;
        memory.suppressedUntil = suppressedUntil(memory, memory.endedAt, now);
        memory.returnedAt = now;
        const events = goOn(memory, seen, now);
        return events.length > 0 ? events : [{ memory, is: 'back' }];
      }
      const notified = new Map<string, { stage: number; at: number }>();
      const opened: Memory = {
        title,
        tokenId,
        kind,
        stage: seen.stage,
        isOpen: true,
        openedAt: now,
        notifiedAt: now,
        notified,
      };
      opened.mayFlap = isSoon && !isCritical(opened);
      memories.set(key, opened);
      return [{ memory: opened, is: 'wrong' }];
    }
    if (seen.is === 'present' || seen.is === 'unknown') return goOn(memory, seen, now);
    const isOver = seen.is === 'over';
    const flaps =
      memory.mayFlap && !isCritical(memory) && memory.returnedAt === undefined && now - memory.openedAt < 30 * minuteMs;
    if (isOver && flaps) memory.suppressedUntil ??= now + 30 * minuteMs;
    memory.isOpen = false;
    memory.endedAt = now;
    memory.endAnnounced = isOver && memory.suppressedUntil === undefined;
    memory.isResolved = isOver;
    if (!memory.endAnnounced) return [];
    memory.notifiedAt = now;
    return [{ memory, is: 'over' }];
  }

  /** Half an hour after the end, but nobody who was notified is left without a word for over two hours. */
  function suppressedUntil({ suppressedUntil: before, notifiedAt }: Memory, endedAt: number, now: number) {
    const settled = endedAt + 30 * minuteMs;
    if (before !== undefined) return Math.min(settled, notifiedAt + 2 * hourMs);
    return notifiedAt + 2 * hourMs <= now ? now : undefined;
  }

  function goOn(memory: Memory, seen: Seen, now: number): Event[] {
    const isWorse = seen.is === 'present' && seen.stage > memory.stage;
    const isSilent = memory.kind === 'expired' && now - memory.notifiedAt >= dayMs;
    const isSuppressionOver = memory.suppressedUntil !== undefined && now >= memory.suppressedUntil;
    if (!isWorse && !isSilent && !isSuppressionOver) return [];
    if (isWorse) memory.stage = seen.stage;
    memory.suppressedUntil = undefined;
    memory.notifiedAt = now;
    return [{ memory, is: isSuppressionOver && !isWorse && !isSilent ? 'cameBack' : 'wrong' }];
  }

  const covers = ({ tokenIds, kinds: chosen, isOff }: Subscriber, { tokenId, kind }: Memory) =>
    !isOff &&
    (kind === 'monitoring' ||
      ((kind === 'deleted' || chosen.has(kind)) && (tokenIds === 'all' || tokenIds.has(tokenId))));

  function notify(subscriber: Subscriber, events: readonly Event[], now: number): string[] {
    const { quiet, key } = subscriber;
    const isQuiet = quiet !== undefined && quiet.from <= now && now < quiet.to;
    const waiting = held.get(key) ?? new Map<Memory, Set<'wrong' | 'over'>>();
    held.set(key, waiting);
    const said: string[] = [];
    for (const { memory, is: happened } of events) {
      const last = memory.notified.get(key);
      if (!covers(subscriber, memory) || (happened === 'back' && last)) continue;
      // Their first word of it was that it is back; but expired must not be silent for a day.
      const isKnown = last && last.at >= (memory.returnedAt ?? now) && memory.kind !== 'expired';
      if (happened === 'cameBack' && isKnown) continue;
      const is = happened === 'over' ? 'over' : 'wrong';
      if (isQuiet && !isCritical(memory)) {
        waiting.set(memory, (waiting.get(memory) ?? new Set()).add(is));
        continue;
      }
      said.push(is === 'wrong' ? wrong(memory, now) : over(memory));
      memory.notified.set(key, { stage: memory.stage, at: now });
    }
    if (isQuiet) return said;
    for (const [memory, what] of waiting) {
      if (memory.isOpen) {
        // What became critical meanwhile was announced at once.
        if (memory.notified.get(key)?.stage !== memory.stage || what.has('over')) said.push(wrong(memory, now));
      } else if (!memory.notified.has(key) || (what.has('over') && memory.isResolved)) said.push(over(memory));
      memory.notified.set(key, { stage: memory.stage, at: now });
    }
    waiting.clear();
    return said;
  }

  return {
    /** Each subscriber's notifications at `now`. `saw`: a pass could read the tenant; else the last state stays and time alone goes on. */
    pass(
      now: number,
      seen: { readonly saw: boolean; readonly readsLicences: boolean; readonly monitoring?: 'broken' | 'working' },
    ) {
      const events: Event[] = [];
      for (const token of tokens) {
        const times = (missed.get(token.id) ?? 0) + 1;
        if (token.isDeleted && seen.saw) missed.set(token.id, times);
        // The first pass without it decides nothing.
        if (token.isDeleted && seen.saw && times > 1)
          events.push(...step('deleted', token.id, token.title, present(0), now));
        for (const kind of kinds) {
          const memory = memories.get(`${token.id} ${kind}`);
          if (!seen.saw) {
            if (memory?.isOpen) events.push(...step(kind, token.id, token.title, { is: 'unknown' }, now));
            continue;
          }
          const gone: Seen = { is: times > 1 ? 'silentlyOver' : 'unknown' };
          const found: Seen = token.isDeleted ? gone : look(token, kind, now, seen.readsLicences);
          events.push(...step(kind, token.id, token.title, found, now));
        }
      }
      const tenant = { broken: present(0), working: { is: 'over' } as const }[seen.monitoring ?? 'working'];
      if (seen.monitoring) events.push(...step('monitoring', '', 'Monitoring', tenant, now));
      return new Map(subscribers.map((subscriber) => [subscriber.key, notify(subscriber, events, now)]));
    },
    /** True while the alert of a row, such as `Soak 017: expiring d3`, is open. */
    isOpen(row: string): boolean | undefined {
      const [title, what = ''] = row.split(': ');
      const [first, second] = what.split(' ');
      const kind = first === 'over' ? second : first;
      return [...memories.values()].find((memory) => memory.title === title && memory.kind === kind)?.isOpen;
    },
  };
}
