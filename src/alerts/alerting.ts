import type { Registry } from 'prom-client';
import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import type { CardRecords } from '../domain/card-record.ts';
import type { Graphs } from '../identity/identity.ts';
import type { AppTokens } from '../identity/tokens.ts';
import type { wait } from '../lib/async.ts';
import type { Log } from '../lib/runtime.ts';
import { createAlertDeliveries } from '../store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../store/alert-subscriptions.ts';
import { createTokenSnapshots } from '../store/alerts.ts';
import { createConversations } from '../store/conversations.ts';
import type { Db } from '../store/schema.ts';
import { auditedActs, createActOnAlert } from './act-on-alert.ts';
import { createMonitoring } from './monitor.ts';
import { createAlertDelivery, createAlertRepositories, createInAlertTransaction } from './notifier.ts';
import { type AlertMessenger, createAlertDrawings, createAlertViews } from './views.ts';

export interface AlertingParts {
  readonly config: Config;
  readonly db: Db;
  readonly records: CardRecords;
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
  const { config, db, records, audit, graphs, getAppToken, registry, now, wait, log } = parts;
  const beta = config.graphBeta;
  const book = createAlertRepositories(db);
  const { alerts, subscriptions } = book;
  const snapshots = createTokenSnapshots(db);
  const conversations = createConversations(db);
  const inAlertTransaction = createInAlertTransaction(db);

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
    /** What expires. */
    stores: book,
    forCommands: {
      ...{ inAlertTransaction, wake, act, alerts, subscriptions, snapshots, audit, beta },
      isMonitoring: config.monitor,
    },
    forCards: { act, subscriptions, views, audit },
    forTeams: {
      markRemoved: subscriptions.markRemoved,
      conversations,
      onHeard: delivery.resume,
    },
    async start(): Promise<void> {
      delivery.start();
      await monitoring?.start();
    },
    async stop(): Promise<void> {
      await Promise.all([monitoring?.stop(), delivery.stop()]);
    },
  };
}
