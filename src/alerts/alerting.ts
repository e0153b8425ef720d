import type { Registry } from 'prom-client';
import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import type { Graphs } from '../identity/graphs.ts';
import type { AppTokens } from '../identity/tokens.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Stores } from '../store/stores.ts';
import { auditedActs, createActOnAlert } from './act-on-alert.ts';
import type { AlertMessenger } from './alert-messenger.ts';
import { createAlertViews } from './announce.ts';
import { createMonitoring } from './monitor.ts';
import { createNotifier } from './notifier.ts';
import { createOpenAlerts } from './open-alerts.ts';
import { createDrawWeekly } from './weekly.ts';

export interface AlertingParts {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly stores: Stores;
  readonly audit: Audit;
  readonly graphs: Graphs;
  readonly getAppToken: AppTokens['getAppToken'];
  readonly messenger: AlertMessenger;
  readonly registry: Registry;
}

export type Alerting = ReturnType<typeof createAlerting>;

/** Alerts from the passes over tenants to the messages in Teams, and what people can do about them. */
export function createAlerting(parts: AlertingParts) {
  const { runtime, config, stores, audit, graphs, getAppToken, messenger, registry } = parts;
  const { records, conversations, alertRepositories: repositories, inAlertTransaction } = stores;
  const { alerts } = repositories;
  const views = createAlertViews({ runtime, records, repositories });
  const notifier = createNotifier({
    runtime,
    repositories,
    inAlertTransaction,
    conversations,
    messenger,
    views,
    registry,
  });
  const { wake, resume } = notifier;
  const monitoring = config.monitor
    ? createMonitoring({
        runtime,
        config,
        repositories,
        inAlertTransaction,
        graphs,
        getAppToken,
        registry,
        onEvents: wake,
      })
    : undefined;
  const onAlert = createActOnAlert({ alerts, inAlertTransaction, onQueued: wake, beta: config.graphBeta });
  const acts = auditedActs(onAlert, audit, alerts);

  return {
    /** Makes the tenant's next pass read licenses, as after a sync. Never rejects. */
    askForLicenses: async (tenantId: string): Promise<void> => monitoring?.askForLicenses(tenantId),
    views,
    acts,
    /** Draws the weekly digest of a subscription as of now. */
    drawDigest: createDrawWeekly({ runtime, repositories, views }),
    open: createOpenAlerts({ runtime, records, repositories, acts }),
    /** Delivers at once: to be called when something was queued. */
    wake,
    /** To be called with the conversation of every inbound activity. */
    resume,
    async start(): Promise<void> {
      notifier.start();
      await monitoring?.start();
    },
    async stop(): Promise<void> {
      await Promise.all([monitoring?.stop(), notifier.stop()]);
    },
  };
}
