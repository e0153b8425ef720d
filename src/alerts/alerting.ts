import type { Registry } from 'prom-client';
import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import type { Graphs } from '../identity/graphs.ts';
import type { AppTokens } from '../identity/tokens.ts';
import type { wait } from '../lib/async.ts';
import type { Log } from '../lib/runtime.ts';
import { createAlertDeliveries } from '../store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../store/alert-subscriptions.ts';
import type { Db } from '../store/schema.ts';
import type { Stores } from '../store/stores.ts';
import { auditedActs, createActOnAlert } from './act-on-alert.ts';
import { createMonitoring } from './monitor.ts';
import { createAlertDelivery } from './notifier.ts';
import { type AlertMessenger, createAlertDrawings, createAlertViews } from './views.ts';

export type Alerting = ReturnType<typeof createAlerting>;

export interface AlertingParts {
  readonly config: Config;
  readonly db: Db;
  readonly stores: Stores;
  readonly audit: Audit;
  readonly graphs: Graphs;
  readonly getAppToken: AppTokens['getAppToken'];
  readonly messenger: AlertMessenger;
  readonly registry: Registry;
  readonly now: () => number;
  readonly wait: typeof wait;
  readonly log: Log;
}

/** Alerts, joined: who watches, who tells, and what commands, cards and Teams need of them. */
export function createAlerting(parts: AlertingParts) {
  const { config, db, stores, audit, graphs, getAppToken, registry, now, wait, log } = parts;
  const beta = config.graphBeta;
  const { records, alerts, conversations, inAlertTransaction } = stores;
  const views = createAlertViews({ records, now });
  const delivery = createAlertDelivery({
    ...{ db, conversations, now, wait, log, registry, wall: parts.messenger },
    draw: createAlertDrawings(views),
  });
  const { wake } = delivery;
  const monitoring = config.monitor
    ? createMonitoring({
        ...{ config, db, graphs, getAppToken, now, wait, log, onEvents: wake, registry },
        ...{ createSubscriptions: createAlertSubscriptions, createDeliveries: createAlertDeliveries },
      })
    : undefined;
  const act = auditedActs(createActOnAlert({ alerts, inAlertTransaction, wake, beta }), audit, alerts);

  return {
    monitoring,
    views,
    act,
    /** Call it once something was queued. */
    wake,
    /** Call it once something came in from a conversation. */
    resume: delivery.resume,
    async start(): Promise<void> {
      delivery.start();
      await monitoring?.start();
    },
    async stop(): Promise<void> {
      await Promise.all([monitoring?.stop(), delivery.stop()]);
    },
  };
}
