import { createAlerting } from './alerts/alerting.ts';
import { createGetPersonalChat } from './alerts/personal-chat.ts';
import { createRenewalNotifier } from './alerts/renewals.ts';
import { createAudits } from './audit/audit.ts';
import { createCommands } from './commands/index.ts';
import type { Config } from './config.ts';
import { createDialogs } from './dialogs/dialogs.ts';
import { createChecks } from './doctor/checks.ts';
import { otherKinds } from './domain/connector.ts';
import { createGraphClients, findGraphDate } from './graph/client.ts';
import { readConnectors } from './graph/connectors.ts';
import { delegatedScopes } from './graph/vpp.ts';
import { createGetDatabasePassword } from './identity/credential.ts';
import { createGraphs } from './identity/graphs.ts';
import { createIdentity } from './identity/identity.ts';
import { createOpenIdKeys } from './identity/open-id-keys.ts';
import { within } from './lib/async.ts';
import { newOpaqueId } from './lib/ids.ts';
import { version } from './lib/package-files.ts';
import type { Runtime } from './lib/runtime.ts';
import { openDatabase } from './store/database.ts';
import { checkStore } from './store/health.ts';
import { createPruning, createStores } from './store/stores.ts';
import { createSyncs } from './sync/syncs.ts';
import { runLeaseMs } from './sync/take-over.ts';
import { createConnector } from './teams/connector.ts';
import { createPostPersonally } from './teams/deliver.ts';
import { createOutbox } from './teams/outbox.ts';
import { createTeams } from './teams/teams.ts';
import { createReadiness } from './telemetry/health.ts';
import { createMetrics, createMetricsServer } from './telemetry/metrics.ts';
import { createTraces } from './telemetry/traces.ts';

export interface App {
  /** Takes over the work that an earlier process left unfinished, then listens. Resolves to the port. */
  start(): Promise<number>;
  /** Accepts nothing new, finishes the turns under way, closes the store. Unfinished syncs stay stored. */
  stop(): Promise<void>;
}

/** A stop may take 10 s; turns that are not answered by then are left to the next process. */
const stopTurnsAfterMs = 7_000;
const leaveWritesAfterMs = 500;

/** Read this first: every part of the bot is made and joined here, from the outside systems to the answers in Teams. */
export async function createApp(config: Config, runtime: Runtime): Promise<App> {
  const { now, log } = runtime;
  const traces = await createTraces(config.otlpEndpoint);
  const metrics = traces.trace(
    createMetrics({ host: config.teamsHost, withProcess: config.metricsPort !== undefined }),
  );
  if (config.database.kind === 'postgres' && !config.tokenCacheKey) {
    log.warn(
      {},
      'TOKEN_CACHE_KEY is not set: people sign in once per process, and a new app secret begins a new audit key',
    );
  }
  const db = await openDatabase(config.database, {
    log,
    onWait: metrics.observeStoreWait,
    getPassword: createGetDatabasePassword(config),
  });
  if (db.readUse) metrics.watchPool(db.readUse);
  const stores = createStores(db, { owner: newOpaqueId(), leaseMs: runLeaseMs, now });
  const audits = createAudits({ config, db, runtime, onFailure: metrics.countAuditFailure });
  const { audit } = audits;

  const identity = createIdentity({
    config,
    scopes: delegatedScopes(config.cloud),
    requests: stores.requests,
    secrets: stores.secrets,
    runtime,
    onEntraAsked: metrics.observeEntra,
    onOtherPerson: ({ owner: person, conversation }) =>
      audit.record({ person, conversation }, { action: 'signIn', outcome: 'refused', reason: 'otherPerson' }),
  });
  const graphs = createGraphs({
    identity,
    clients: createGraphClients({ graphUrl: config.graphUrl, runtime, onRequest: metrics.observeGraph }),
  });
  const inboundKeys = createOpenIdKeys({ metadataUrl: config.botOpenIdMetadataUrl, runtime });
  const connector = createConnector(config, runtime, metrics.observeTeams);
  const outbox = createOutbox({ config, connector });

  const alerting = createAlerting({
    runtime,
    config,
    stores,
    audit,
    graphs,
    getAppToken: identity.getAppToken,
    messenger: outbox.alerts,
    registry: metrics.registry,
  });
  const syncs = createSyncs({
    config,
    stores,
    graphs,
    messenger: outbox.cards,
    audit,
    runtime,
    onEnd({ outcome, tenantId, startedAt, endedAt }) {
      metrics.observeSync({ outcome, ms: endedAt - startedAt });
      if (outcome === 'completed') void alerting.askForLicenses(tenantId);
    },
  });
  const checks = createChecks({
    runtime,
    findOwn: graphs.findAuthorized,
    version,
    publicUrl: config.publicUrl,
    trySending: outbox.trySending,
    hasInboundKeys: inboundKeys.isReady,
    findSignInFailure: ({ person }) => stores.requests.findLastFailure(person, now()),
    ...(config.monitor && {
      monitoring: {
        getAppToken: identity.getAppToken,
        findTenant: stores.alertRepositories.tenants.find,
        intervalMs: config.monitorIntervalMs,
      },
      readConnectors: (tenantId: string, signal: AbortSignal) =>
        readConnectors(graphs.forApp(tenantId), otherKinds, { beta: config.graphBeta, signal }),
    }),
    async tenantOf({ person }) {
      const session = identity.sessions.find(person);
      if (session) return session.tenantId;
      const failure = await stores.requests.findLastFailure(person, now());
      return failure?.reason === 'tenantNotAllowed' ? failure.tenantId : person.tenantId;
    },
    findGraphDate: (signal) => findGraphDate(config.graphUrl, signal),
    checkStore: () => checkStore(db, now()),
    verifyAudit: audits.verify,
  });
  const getPersonalChat = createGetPersonalChat({
    conversations: stores.conversations,
    messenger: outbox.alerts,
    runtime,
  });
  const postPersonally = createPostPersonally({ outbox, getPersonalChat, runtime });
  const renewals = createRenewalNotifier({
    runtime,
    repositories: stores.alertRepositories,
    getPersonalChat,
    messenger: { ...outbox.alerts, mention: outbox.cards.mention },
    views: syncs.views,
  });
  const dialogs = createDialogs(
    { config, runtime, stores, audit, identity, graphs, syncs, alerting, checks, postPersonally },
    createCommands,
  );
  const pruning = createPruning({ stores: { ...stores.expiring, audit: audits.upkeep }, runtime });

  const teams = await createTeams({
    config,
    runtime,
    metrics,
    connector,
    outbox,
    stores,
    identity,
    syncs,
    alerting,
    dialogs,
    inboundKeys,
    getReadiness: createReadiness({ config, db, inboundKeys, appTokens: identity.appTokens, runtime }),
  });

  const metricsServer = createMetricsServer(metrics.registry, now);

  return {
    async start() {
      await syncs.start();
      if (config.metricsPort !== undefined) await metricsServer.listen(config.metricsPort);
      const port = await teams.server.listen(config.port);
      teams.turns.start();
      pruning.start();
      renewals.start();
      await alerting.start();
      return port;
    },
    async stop() {
      pruning.stop();
      const quiet = Promise.all([alerting.stop(), renewals.stop(), teams.server.close()])
        .then(syncs.stop)
        .then(teams.background.drain);
      await within(stopTurnsAfterMs, quiet);
      await teams.turns.handOver();
      // Edits that still wait for Teams' rate limits are left to the next process.
      await within(leaveWritesAfterMs, syncs.stop());
      await syncs.release();
      await metricsServer.close();
      await traces.stop();
      await db.destroy();
    },
  };
}
