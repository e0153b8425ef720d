import { createAlerting } from './alerts/alerting.ts';
import { createAudits } from './audit/audit.ts';
import { createFindFormer } from './commands/alerts-asked.ts';
import { createCommands } from './commands/index.ts';
import { type Config, version } from './config.ts';
import { createCardActions } from './dialogs/card-action.ts';
import { createCardActionHandlers } from './dialogs/card-action-handlers.ts';
import { createChoose } from './dialogs/choose.ts';
import { createContinue } from './dialogs/continue.ts';
import { createFindToken } from './dialogs/find-token.ts';
import { createAnswerPlan, createMessage, dropAllWaiting } from './dialogs/message.ts';
import { createRun } from './dialogs/run-command.ts';
import { createSignIn } from './dialogs/sign-in.ts';
import { createChecks } from './doctor/checks.ts';
import type { Turn } from './domain/turn.ts';
import { createGraphClients, findGraphDate } from './graph/client.ts';
import { delegatedScopes } from './graph/vpp.ts';
import { createGraphs, createIdentity } from './identity/identity.ts';
import { createOpenIdKeys } from './identity/open-id-keys.ts';
import { within } from './lib/async.ts';
import { newOpaqueId } from './lib/ids.ts';
import type { Runtime } from './lib/runtime.ts';
import { createAuditHistory } from './store/audit-history.ts';
import { openDatabase } from './store/database.ts';
import { checkStore } from './store/health.ts';
import { createPruning, createStores } from './store/stores.ts';
import { hasBegunSync } from './store/turns.ts';
import { createSyncs } from './sync/syncs.ts';
import { runLeaseMs } from './sync/take-over.ts';
import { createConnector } from './teams/connector.ts';
import { createOutbox } from './teams/outbox.ts';
import { createTeams } from './teams/teams.ts';
import { createReadiness } from './telemetry/health.ts';
import { createMetrics } from './telemetry/metrics.ts';

export interface App {
  /** Takes up what an earlier process left unfinished, then listens. Resolves to the port. */
  start(): Promise<number>;
  /** Takes nothing new, finishes what is being answered, closes the store. Unfinished syncs stay stored. */
  stop(): Promise<void>;
}

/** How long `doctor` and `whoami` wait for any one part: the person sees an answer in time whatever is broken. */
const lookWithinMs = 4_000;
/** What is not over by then, of the 10 s that a stop may take, is handed over. */
const stopTurnsAfterMs = 7_000;
const leaveWritesAfterMs = 500;

/** Read this first: every part of the bot is made and joined here, from the outside in. */
export async function createApp(config: Config, runtime: Runtime): Promise<App> {
  const { now, wait, log } = runtime;
  const beta = config.graphBeta;
  const metrics = createMetrics();
  const db = await openDatabase(config.database, log);
  const stores = createStores(db, { owner: newOpaqueId(), leaseMs: runLeaseMs, now });
  const { records, requests, runs } = stores;
  const audits = createAudits({ config, db, now, log, onFailure: metrics.countAuditFailure });
  const { audit } = audits;
  log.info({ auditKey: audits.keyId }, 'the audit is sealed with this key');

  const identity = createIdentity({
    ...{ config, scopes: delegatedScopes(config.cloud), requests, secrets: stores.secrets, now, log },
    onOtherPerson: ({ owner: person, conversation }) =>
      audit.record({ person, conversation }, { action: 'signIn', outcome: 'refused', reason: 'otherPerson' }),
  });
  const graphs = createGraphs({
    identity,
    clients: createGraphClients({ graphUrl: config.graphUrl, wait, log, onRequest: metrics.observeGraph }),
  });
  const inboundKeys = createOpenIdKeys({ metadataUrl: config.botOpenIdMetadataUrl, now });

  const connector = createConnector(config, runtime);
  const outbox = createOutbox({ config, connector });

  const { exchange, pages } = identity;
  const signIn = createSignIn({ requests, exchange, takeCode: pages.takeCode, audit, now, log });
  const run = createRun({ sessions: identity.sessions, signIn, createGraph: graphs.forPerson, audit, log });
  const choose = createChoose({ records, now });
  const findToken = createFindToken({ choose, beta });

  const syncs = createSyncs({
    ...{ config, stores, graphs, messenger: outbox.cards, audit, now, wait, log },
    onEnd(outcome, tenantId) {
      metrics.countSync(outcome);
      if (outcome === 'completed') void monitoring?.askForLicenses(tenantId);
    },
  });
  const { views, startSync, follower, syncAll } = syncs;

  const status = { findToken, views, runs, beta };
  const history = { findToken, history: createAuditHistory(db), beta, now };
  const findOwn = (turn: Turn) => {
    const session = identity.sessions.find(turn.person);
    return session && { ...turn, session, graph: graphs.forPerson(turn, session) };
  };
  const alerting = createAlerting({
    ...{ config, db, records, audit, graphs, now, wait, log, getAppToken: identity.getAppToken },
    ...{ messenger: outbox.alerts, registry: metrics.registry },
  });
  const { monitoring } = alerting;
  const checks = createChecks({
    runtime,
    findOwn,
    version,
    publicUrl: config.publicUrl,
    trySending: outbox.trySending,
    hasInboundKeys: inboundKeys.isReady,
    findOpenPurpose: async ({ person, conversation }) =>
      (await requests.findOpenOf(person, conversation.id, now()))?.purpose,
    ...(monitoring && {
      monitoring: {
        getAppToken: identity.getAppToken,
        findTenant: monitoring.findTenant,
        intervalMs: config.monitorIntervalMs,
      },
    }),
    tenantOf: ({ person }) => identity.sessions.find(person)?.tenantId ?? person.tenantId,
    findGraphDate: (signal) => findGraphDate(config.graphUrl, signal),
    checkStore: () => checkStore(db, now()),
    verifyAudit: audits.verify,
  });
  const commands = createCommands({
    sync: { findToken, startSync, follower, views, all: syncAll, audit },
    status,
    history,
    alerts: { ...alerting.forCommands, findToken, choose },
    list: { beta },
    licenses: { findToken, beta },
    renewal: { findToken, marks: stores.marks, audit, beta },
    whoami: { findOwn, deadlineMs: lookWithinMs },
    doctor: { checks, deadlineMs: lookWithinMs, runtime },
    signOut: {
      audit,
      async forget(person) {
        await identity.forget(person);
        await dropAllWaiting({ requests, now }, person);
        await records.endAllOf(person.aadObjectId, now());
      },
    },
  });
  const continuing = createContinue({ requests, sessions: identity.sessions, signIn, run, commands, audit, now });
  const handlers = createCardActionHandlers({
    ...{ commands, status, syncAll },
    alerts: alerting.forCards,
  });

  const pruning = createPruning({
    stores: { ...stores.expiring, ...alerting.stores, audit: audits.keeping },
    ...{ now, log },
  });
  const answerPlan = createAnswerPlan({ records, run, commands, syncAll, audit, now });

  const teams = createTeams({
    ...{ config, runtime, metrics, inboundKeys, connector, outbox, requests, runs, signIn },
    ...{ processed: stores.processed, installations: stores.installations, cardSent: syncs.cardSent },
    turns: stores.turns,
    hasBegunSync: (owed) => hasBegunSync(db, owed),
    ...alerting.forTeams,
    alertsThere: { findFormer: createFindFormer(alerting.forCommands) },
    batches: syncs.batchBoard,
    recall: identity.recall,
    authPages: pages,
    continuing,
    message: createMessage({
      commands,
      run,
      choose,
      answerPlan,
      signIn,
      resume: continuing.resume,
      records,
      requests,
      audit,
      now,
    }),
    press: createCardActions({ records, sessions: identity.sessions, signIn, run, audit, handlers, now }),
    listNotReady: createReadiness({ config, db, inboundKeys, getAppToken: identity.getAppToken, now }),
  });

  return {
    async start() {
      await syncs.start();
      await teams.server.listening(config.port);
      teams.turns.start();
      pruning.start();
      await alerting.start();
      return teams.server.address().port;
    },
    async stop() {
      pruning.stop();
      const quiet = Promise.all([alerting.stop(), teams.server.close(), teams.laterMoves.stop()])
        .then(syncs.stop)
        .then(teams.background.drain);
      await within(stopTurnsAfterMs, quiet);
      await teams.turns.handOver();
      // What waits for room among Teams' limits is left to the next process.
      await within(leaveWritesAfterMs, syncs.stop());
      await syncs.release();
      await db.destroy();
    },
  };
}
