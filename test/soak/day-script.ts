import type { Sandbox } from '../../sandbox/sandbox.ts';
import { createToken } from '../../sandbox/seed/seed-token.ts';
import type { Random } from '../support/random.ts';
import { dayMs, hourMs, minuteMs, type ScriptedToken } from './day-model.ts';

/**
 * No number of steps comes within five minutes of a time that decides something: 30 min (one is shorter, two are longer), 2 h (six and
 * seven) and 24 h (82 and 83).
 */
export const stepMs = 17.5 * minuteMs;

export interface DayScript {
  readonly tokens: readonly ScriptedToken[];
  /** Changes to tokens right before a step, in the sandbox and in the model. */
  actionsAt(step: number): readonly (() => void)[];
  readsLicencesAt(step: number): boolean;
}

interface ScriptParts {
  readonly random: Random;
  readonly controls: Sandbox['graph']['controls'];
  readonly findToken: Sandbox['graph']['findToken'];
  readonly tenantId: string;
  readonly startsAt: number;
  readonly now: () => number;
  readonly steps: number;
  readonly count: number;
  /** Steps at which nothing happens. */
  readonly calm: ReadonlySet<number>;
  /** At this step many expire at once. */
  readonly burstAt: number;
  /** At each of these everything begins at once that can become of a token. */
  readonly busy: readonly number[];
}

const idOf = (number: number) => `50a1c000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** Fills the tenant with tokens, and plans what becomes of them. */
export function createDayScript(parts: ScriptParts): DayScript {
  const { random, controls, tenantId, startsAt, now, steps, calm } = parts;
  const planned = new Map<number, (() => void)[]>();
  const licencesAt = new Set<number>();
  const at = (step: number) => startsAt + step * stepMs;
  const plan = (step: number, action: () => void): number => {
    let on = step;
    while (calm.has(on)) on += 1;
    planned.set(on, [...(planned.get(on) ?? []), action]);
    return on;
  };

  const tokens = Array.from({ length: parts.count }, (_, index): ScriptedToken => {
    const number = index + 1;
    return {
      id: idOf(number),
      title: `Soak ${String(number).padStart(3, '0')}`,
      state: 'valid',
      licences: 'fine',
      expiresAt: startsAt + (200 + random.below(100)) * dayMs,
      completedAt: startsAt - 2 * hourMs,
      sync: 'completed',
      syncBeganAt: 0,
      isDeleted: false,
    };
  });

  const put = (token: ScriptedToken) => {
    const totals = { fine: 10, low: 97, usedUp: 100 } as const;
    const apps = licensed.has(token.id)
      ? [
          {
            id: `${token.id.slice(0, 24)}a${token.id.slice(25)}`,
            tokenId: token.id,
            platform: 'ios' as const,
            displayName: 'Meadow Notes',
            publisher: 'Meadow Software',
            bundleId: 'com.example.meadow.notes',
            totalLicenseCount: 100,
            usedLicenseCount: totals[token.licences],
          },
        ]
      : [];
    const { id, title: organizationName, state, expiresAt, completedAt } = token;
    const row = { id, tenantId, organizationName, appleId: `${organizationName.replace(' ', '.')}@soak.example.com` };
    const seed = createToken(startsAt, { ...row, state, expiresAt, lastSyncAt: completedAt });
    // A sync's outcome there stays.
    controls.addToken({ ...seed, ...parts.findToken(id), state, expiresAt }, apps);
  };
  const licensed = new Set<string>();

  const setState = (token: ScriptedToken, state: string) => () => {
    token.state = state;
    controls.setState(token.id, state);
  };
  const expire = (token: ScriptedToken) => () => {
    token.state = 'expired';
    token.expiresAt = now() - 1_000;
    controls.expireToken(token.id);
  };
  const renew = (token: ScriptedToken) => () => {
    token.state = 'valid';
    token.expiresAt = now() + 365 * dayMs;
    controls.renewToken(token.id);
  };
  const sync = (token: ScriptedToken, ending: 'completed' | 'failed' | 'stuck') => () => {
    controls.nextSyncEnds(ending);
    controls.startSync(token.id);
    token.sync = ending === 'stuck' ? 'inProgress' : ending;
    token.syncBeganAt = now();
    if (ending === 'completed') token.completedAt = now();
  };
  const remove = (token: ScriptedToken) => () => {
    token.isDeleted = true;
    controls.deleteToken(token.id);
  };
  const setLicences = (token: ScriptedToken, licences: ScriptedToken['licences']) => () => {
    token.licences = licences;
    put(token);
  };
  const expiresInDays = (token: ScriptedToken, days: number) => () => {
    token.expiresAt = now() + days * dayMs - 12 * hourMs;
    put(token);
  };
  const soon = () => 3 + random.below(12);

  /** One thing each that can become of a token, from a step on. */
  const stories: readonly ((token: ScriptedToken, step: number) => void)[] = [
    (token, step) => {
      plan(step, expire(token));
      if (step > 6) plan(step + soon(), renew(token));
    },
    ...(['invalid', 'assignedToExternalMDM', 'duplicateLocationId'] as const).map(
      (state) => (token: ScriptedToken, step: number) => {
        plan(step, setState(token, state));
        plan(step + soon(), setState(token, 'valid'));
      },
    ),
    (token, step) => {
      plan(step, sync(token, 'failed'));
      plan(step + soon(), sync(token, 'completed'));
    },
    (token, step) => {
      plan(step, sync(token, 'stuck'));
      plan(step + soon(), sync(token, random.once(3) ? 'failed' : 'completed'));
    },
    // Crosses a stage half a step before, or the expiry itself.
    (token, step) => {
      const days = random.pick([30, 14, 7, 3, 2, 1, 0]);
      token.expiresAt = at(step) - stepMs / 2 + days * dayMs;
      if (random.once(2)) plan(step + soon(), renew(token));
    },
    (token, step) => {
      token.completedAt = at(step) - stepMs / 2 - random.pick([36, 72]) * hourMs;
      plan(step + soon(), sync(token, 'completed'));
    },
    (token, step) => {
      licensed.add(token.id);
      const ends: ScriptedToken['licences'][] = random.once(2) ? ['low', 'usedUp', 'fine'] : ['usedUp', 'fine'];
      let on = step;
      for (const licences of ends) {
        licencesAt.add(plan(on, setLicences(token, licences)));
        on += soon();
      }
    },
    // Comes back soon and stays, or does not stay; at times it comes and goes for hours.
    (token, step) => {
      const times = random.pick([1, 1, 2, 6]);
      for (let time = 0; time < times; time += 1) {
        plan(step + 2 * time, setState(token, 'invalid'));
        plan(step + 2 * time + 1, setState(token, 'valid'));
      }
      if (random.once(2)) plan(step + 2 * times, setState(token, 'invalid'));
    },
    (token, step) => {
      plan(step, random.once(2) ? setState(token, 'invalid') : sync(token, 'failed'));
      plan(step + soon(), remove(token));
    },
    // A token with a week left is replaced by one with three days, then one that ends tomorrow, then one with a year.
    (token, step) => {
      token.expiresAt = startsAt + 6 * dayMs;
      plan(step, expiresInDays(token, 3));
      const next = step + soon();
      plan(next, expiresInDays(token, 1));
      plan(next + 20, renew(token));
    },
  ];

  const left = [...tokens];
  const take = () => left.splice(random.below(left.length), 1);
  const notify = (story: (typeof stories)[number], step: number) => {
    for (const token of take()) story(token, step);
  };
  for (let each = 0; each < 30; each += 1) {
    for (const token of take()) {
      plan(parts.burstAt, expire(token));
      plan(parts.burstAt + 5, renew(token));
    }
  }
  // These stay, so that they are announced anew a day later.
  for (const step of [2, 3]) for (const token of take()) plan(step, expire(token));
  for (const step of parts.busy) for (const story of stories) notify(story, step);
  // By chance, but each once at the least; a fifth of the tokens stay well.
  const most = Math.floor(steps * 0.7);
  for (let each = 0; each < most && left.length > parts.count / 5; each += 1) {
    const story = stories[each] ?? random.pick(stories);
    notify(story, 2 + random.below(steps - 4));
  }
  for (const token of tokens) put(token);
  return {
    tokens,
    actionsAt: (step) => planned.get(step) ?? [],
    readsLicencesAt: (step) => licencesAt.has(step),
  };
}
