import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { clouds } from '../../src/clouds.ts';
import { createBackground } from '../../src/lib/worker.ts';
import { type InboundActivity, repeatKey } from '../../src/teams/activity.ts';
import { createInboundGuard } from '../../src/teams/guard.ts';
import { createListening, createServer, type HttpLimits } from '../../src/teams/server.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { tenantId } from '../support/environment.ts';

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
 * The bot's own server and guard on a port of their own, with everything behind them made up. `good` is the one token that is
 * taken; what was let in is remembered and answered 200.
 */
export async function startGuardedServer({ limits, now = Date.now }: GuardedServerOptions = {}) {
  const lines: LogLine[] = [];
  const letIn: InboundActivity[] = [];
  const counted: number[] = [];
  const note = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const log = { info: note('info'), error: note('error') } as never;
  const claimed = new Set<string>();
  const refuse = async () => ({ status: 404, headers: {}, body: '' });
  const server = createServer({
    ...{ log, metrics: createMetrics().registry, onInbound: (status) => void counted.push(status) },
    ...(limits && { limits }),
    admit: createInboundGuard({
      config: { cloud: clouds.global, extraServiceUrls: [], allowedTenants: [tenantId] },
      token: {
        verify: async (authorization) =>
          authorization === 'Bearer good' ? { ok: true, claims: {} } : { ok: false, why: 'no bearer token' },
      },
      now,
    }),
    turns: {
      async claim(activity) {
        const key = repeatKey(activity) ?? '';
        const isNew = !claimed.has(key);
        claimed.add(key);
        return isNew;
      },
      answered: async () => undefined,
    },
    background: createBackground(log),
    tellStoreAway: () => assert.fail('the store is there'),
    note: async () => undefined,
    async process(request, response) {
      letIn.push(request.body as InboundActivity);
      response.writeHead(200);
      response.end();
    },
    authPages: { start: refuse, end: refuse, takeCode: async () => undefined, forget: () => undefined },
    listNotReady: async () => assert.fail('nobody asked'),
  });
  const listening = createListening(server);
  await listening.listening(0);
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= listening.close();
    return closed;
  };
  after(() => {
    server.server.closeAllConnections();
    return close();
  });
  return { port, lines, letIn, counted, close };
}
