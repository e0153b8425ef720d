import type { AuthorizedTurn } from '../domain/graph.ts';
import type { VppToken } from '../domain/token.ts';
import { listVppTokens } from '../graph/vpp.ts';
import type { RecentChanges } from '../store/recent-changes.ts';

interface ReadTokens {
  readonly tokens: readonly VppToken[];
  /** Epoch milliseconds. */
  readonly readAt: number;
}

interface RecentTokens {
  /** Reads the tenant's tokens as the person of the turn. */
  read(turn: AuthorizedTurn): Promise<ReadTokens>;
  /**
   * What that same person read with the same Graph token within the last 30 s, unless a change in the tenant is known since. Undefined
   * otherwise.
   */
  find(turn: AuthorizedTurn): Promise<ReadTokens | undefined>;
}

interface RecentTokensParts {
  readonly changes: RecentChanges;
  readonly beta: boolean;
  readonly now: () => number;
}

const recentForMs = 30_000;
/** Of all people together. */
const mostTokens = 20_000;

interface Entry extends ReadTokens {
  readonly accessToken: string;
}

/** Remembers in memory what people read lately, each for themselves alone: nobody sees by it what they may not read. */
export function createRecentTokens({ changes, beta, now }: RecentTokensParts): RecentTokens {
  /** By person and tenant, the latest last. */
  const entries = new Map<string, Entry>();
  let remembered = 0;

  function forget(key: string): void {
    remembered -= entries.get(key)?.tokens.length ?? 0;
    entries.delete(key);
  }

  function isRecent({ readAt }: Entry): boolean {
    return Math.abs(now() - readAt) < recentForMs;
  }

  return {
    async read(turn) {
      const key = keyOf(turn);
      const readAt = now();
      const tokens = await listVppTokens(turn.graph, { beta });
      forget(key);
      entries.set(key, { tokens, readAt, accessToken: turn.session.accessToken });
      remembered += tokens.length;
      for (const [other, entry] of entries) if (remembered > mostTokens || !isRecent(entry)) forget(other);
      return { tokens, readAt };
    },
    async find(turn) {
      const entry = entries.get(keyOf(turn));
      if (!entry || !isRecent(entry) || entry.accessToken !== turn.session.accessToken) return undefined;
      return (await changes.areKnown(turn.session.tenantId, entry.readAt)) ? undefined : entry;
    },
  };
}

const keyOf = ({ person, session }: AuthorizedTurn) => `${session.tenantId} ${person.aadObjectId}`;
