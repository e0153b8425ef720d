import type { MonitoringFailure } from '../domain/alert.ts';
import { type FailedReading, isRefusal, toFailedReading } from '../domain/alert-observations.ts';
import type { VppToken } from '../domain/token.ts';
import type { ReadOnlyGraph } from '../graph/client.ts';
import { listVppApps, readVppTokens } from '../graph/vpp.ts';
import { untilAborted } from '../lib/async.ts';
import { createAppOwners } from './app-owners.ts';
import { attributeApps, type TokenApps } from './attribute-apps.ts';

export type Look =
  | ({ readonly kind: 'failed' } & FailedReading)
  | {
      readonly kind: 'seen';
      readonly tokens: readonly VppToken[];
      /** Beta did not answer this time, so that what it alone knows is missing. */
      readonly lacksBeta: boolean;
      /** By token; absent unless licences were read. */
      readonly apps?: ReadonlyMap<string, TokenApps>;
      /** Why licences could not be read. */
      readonly licenses?: FailedReading;
    };

export interface LookFor {
  readonly tenantId: string;
  readonly licenses: boolean;
  readonly lastFailure?: MonitoringFailure;
  readonly signal: AbortSignal;
}

export interface LookParts {
  readonly forApp: (tenantId: string) => ReadOnlyGraph;
  readonly renewAppToken: (tenantId: string) => Promise<unknown>;
  readonly beta: boolean;
  /** Deadline for the tokens, and another one for the licences. */
  readonly readWithinMs: number;
  readonly log: { error(fields: object, message: string): void };
}

/**
 * Looks at a tenant with the app's own read-only token. Whatever goes wrong is part of the answer; rejects only when the signal is
 * aborted, with its reason.
 */
export function createLook(parts: LookParts): (asked: LookFor) => Promise<Look> {
  const { beta } = parts;
  const owners = createAppOwners();

  async function tryReading<T>(
    { tenantId, signal }: LookFor,
    part: MonitoringFailure['part'],
    read: (within: AbortSignal) => Promise<T>,
  ): Promise<{ readonly read: T } | FailedReading> {
    try {
      return { read: await read(AbortSignal.any([signal, AbortSignal.timeout(parts.readWithinMs)])) };
    } catch (error) {
      signal.throwIfAborted();
      const failed = toFailedReading(part, error);
      if (failed.failure.reason === 'unexpected') parts.log.error({ err: error, tenantId, part }, 'a look broke off');
      return failed;
    }
  }

  return async (asked) => {
    const { tenantId, lastFailure } = asked;
    const graph = parts.forApp(tenantId);
    const listed = await tryReading(asked, 'tokens', async (signal) => {
      if (lastFailure && isRefusal(lastFailure)) await untilAborted(parts.renewAppToken(tenantId), signal);
      return readVppTokens(graph, { beta, signal });
    });
    if ('failure' in listed) return { kind: 'failed', ...listed };
    const { tokens } = listed.read;
    if (!asked.licenses) return { kind: 'seen', ...listed.read };
    const apps = await tryReading(asked, 'licenses', (signal) => listVppApps(graph, { beta, signal }));
    if ('failure' in apps) return { kind: 'seen', ...listed.read, licenses: apps };
    return { kind: 'seen', ...listed.read, apps: attributeApps(owners.complete(tenantId, apps.read), tokens) };
  };
}
