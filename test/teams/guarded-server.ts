import assert from 'node:assert/strict';
import { after } from 'node:test';
import { clouds } from '../../src/clouds.ts';
import { createInboundGuard } from '../../src/teams/guard.ts';
import { createHost } from '../../src/teams/hosts/botbuilder.ts';
import type { Inbound } from '../../src/teams/inbound.ts';
import { createPublicPages } from '../../src/teams/public-pages.ts';
import { createServer, type HttpLimits } from '../../src/teams/server.ts';
import { tenantId } from '../support/environment.ts';
import { verifiedClaims } from './read-inbound.ts';

export interface LogLine {
  readonly level: 'info' | 'error';
  readonly fields: object;
  readonly message: string;
}

export interface GuardedServerOptions {
  readonly limits?: HttpLimits;
  readonly now?: () => number;
}

/**
 * The bot's own server, guard and SDK host on a port of their own, with a bot that does nothing. `good` is accepted, and `good for
 * {address}`, in which a token names its address; `letIn` is what reached the host.
 */
export async function startGuardedServer({ limits, now = Date.now }: GuardedServerOptions = {}) {
  const lines: LogLine[] = [];
  const letIn: Inbound[] = [];
  const verifications: (string | undefined)[] = [];
  const counted: number[] = [];
  const note = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const log = { info: note('info'), error: note('error') } as never;
  const host = createHost(async ({ kind }) => (kind === 'invoke' ? { status: 200, body: {} } : undefined));
  const refuse = async () => ({ status: 404, headers: {}, body: '' });
  const server = createServer({
    log,
    onInbound: (status) => void counted.push(status),
    ...(limits && { limits }),
    admit: createInboundGuard({
      config: { cloud: clouds.global, extraServiceUrls: [], allowedTenants: [tenantId] },
      token: {
        isWellFormed: (authorization) => authorization?.startsWith('Bearer ') === true,
        async verify(authorization) {
          verifications.push(authorization);
          const good = /^Bearer good(?: for (\S+))?$/.exec(authorization ?? '');
          return good
            ? { ok: true, claims: verifiedClaims, serviceUrl: good[1] ?? 'https://smba.trafficmanager.net/emea/' }
            : { ok: false, why: 'no bearer token' };
        },
      },
      now,
    }),
    receive(inbound) {
      letIn.push(inbound);
      return host(inbound);
    },
    pages: createPublicPages({ operator: {} }),
    authPages: { start: refuse, end: refuse },
    getReadiness: async () => assert.fail('nobody asked'),
  });
  const port = await server.listen(0);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= server.close();
    return closed;
  };
  after(close);
  return { port, lines, letIn, counted, verifications, close };
}
