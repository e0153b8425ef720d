import type { AppChange, Change, Uncompared } from '../../src/domain/licenses.ts';

// A record, so that a new reason fails the type check until it has its sample.
const everyWhy: Readonly<Record<Uncompared, true>> = {
  forbidden: true,
  missingScope: true,
  slow: true,
  unavailable: true,
  noAccount: true,
  ambiguous: true,
  joined: true,
  signInEnded: true,
  stopped: true,
};
export const whys = Object.keys(everyWhy) as Uncompared[];

export const appChange = (name: string, changed: Partial<AppChange> = {}): AppChange => ({
  what: 'app',
  id: name,
  name,
  before: { used: 96, total: 100 },
  after: { used: 97, total: 150 },
  ...changed,
});

/** Every kind of change on a token whose every text is this, then apps until there are so many. */
export function changesWorth(count: number, text: string): Change[] {
  const whats = ['state', 'expiry', 'organization', 'appleId', 'location'] as const;
  const own = whats.map((what): Change => ({ what, before: text, after: text }));
  const { before: _, ...added } = appChange(text);
  const { after: __, ...removed } = appChange(text);
  const apps = Array.from({ length: count - own.length - 2 }, () => appChange(text));
  return [...own, added, removed, ...apps];
}
