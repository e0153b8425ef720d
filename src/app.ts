import { createAlerting } from './alerting.ts';
import { createLateWall } from './alerts/late-wall.ts';
import { noteEnds } from './audit/note-ends.ts';
import { createAudits } from './audits.ts';
import type { Stopped } from './cards/progress-card.ts';
import { createCommands } from './commands/index.ts';
import { createSyncAll } from './commands/sync-all.ts';
import type { Config } from './config.ts';
import { createAnswerPlan } from './dialogs/answer-plan.ts';
import { createChoose } from './dialogs/choose.ts';
import { createContinue } from './dialogs/continue.ts';
import { dropAllWaiting } from './dialogs/drop-waiting.ts';
import { createFindToken } from './dialogs/find-token.ts';
import { createMessage } from './dialogs/message.ts';
import { createPress } from './dialogs/press.ts';
import { createPressHandlers } from './dialogs/press-handlers.ts';
import { createRun } from './dialogs/run-command.ts';
import { createSignIn } from './dialogs/sign-in.ts';
import { createChecks } from './doctor/checks.ts';
import { findGraphDate } from './graph/graph-date.ts';
import type { VppToken } from './graph/vpp-token.ts';
import { createGraphs } from './graphs.ts';
import { createIdentity } from './identity/identity.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createOpenIdKeys } from './open-id-keys.ts';
import { createReadiness } from './readiness.ts';
import { createAuditHistory } from './store/audit-history.ts';
import { createInstallations } from './store/installations.ts';
import { openDatabase } from './store/open-database.ts';
import { createPressRecords } from './store/press-records.ts';
import { createProcessedActivities } from './store/processed-activities.ts';
import { createPruning } from './store/pruning.ts';
import { createRenewalMarks } from './store/renewal-marks.ts';
import { createSealedSecrets } from './store/sealed-secrets.ts';
import { createSignInRequests } from './store/sign-in-requests.ts';
import { checkStore } from './store/store-health.ts';
import { createSyncBatches } from './store/sync-batches.ts';
import { createSyncRuns } from './store/sync-runs.ts';
import { createBatchBoard } from './sync/batch-board.ts';
import { createBatchRunner } from './sync/batch-runner.ts';
import { createCardSent } from './sync/card-sent.ts';
import type { CardWall } from './sync/card-wall.ts';
import { createFindBatchReceipt } from './sync/find-batch-receipt.ts';
import { createFollower } from './sync/follow.ts';
import { createLicenses } from './sync/licenses.ts';
import { createPace, writePace } from './sync/pace.ts';
import { createPlanSyncs } from './sync/plan-syncs.ts';
import { createPlanViews } from './sync/plan-view.ts';
import { createReceiptBoard } from './sync/receipt-board.ts';
import { createRunBoards } from './sync/run-boards.ts';
import { createSharedReads } from './sync/shared-reads.ts';
import { createStartSync } from './sync/start-sync.ts';
import { createTokenViews } from './sync/token-view.ts';
import { createTeams } from './teams/teams.ts';
import { trySending } from './teams/try-sending.ts';
import type { Turn } from './turn.ts';
import { version } from './version.ts';
import { wait } from './wait.ts';

export interface App {
  /** Takes up what an earlier process left unfinished, then listens. Resolves to the port. */
  start(): Promise<number>;
  /** Takes nothing new, finishes what is being answered, closes the store. Unfinished syncs stay stored. */
  stop(): Promise<void>;
}

/** How long `doctor` and `whoami` wait for any one part: the person sees an answer in time whatever is broken. */
const lookWithinMs = 4_000;

/** Read this first: every part of the bot is made and joined here, from the outside in. */
export async function createApp(
  config: Config,
  { log, now = Date.now }: { log: Log; now?: () => number },
): Promise<App> {
  const beta = config.graphBeta;
  const metrics = createMetrics();
  const db = await openDatabase(config.database, log);
  const processed = createProcessedActivities(db);
  const records = createPressRecords(db);
  const requests = createSignInRequests(db);
  const runs = createSyncRuns<VppToken>(db);
  const batches = createSyncBatches<Stopped>(db);
  const marks = createRenewalMarks(db);
  const secrets = createSealedSecrets(db);
  const audits = createAudits({ config, db, now, log, onFailure: metrics.countAuditFailure });
  const { audit } = audits;
  log.info({ auditKey: audits.keyId }, 'the audit is sealed with this key');
  const identity = createIdentity({
    ...{ config, requests, secrets, now, log },
    onOtherPerson: ({ owner: person, conversation }) =>
      audit.note({ person, conversation }, { action: 'signIn', outcome: 'refused', reason: 'otherPerson' }),
  });
  const graphs = createGraphs({ config, identity, log, observe: metrics.observeGraph });
  const inboundKeys = createOpenIdKeys({ metadataUrl: config.botOpenIdMetadataUrl, now });

  const { exchange, pages } = identity;
  const signIn = createSignIn({ requests, exchange, takeCode: pages.takeCode, audit, now, log });
  const run = createRun({ sessions: identity.sessions, signIn, createGraph: graphs.forPerson, audit, log });
  const choose = createChoose({ records, now });
  const findToken = createFindToken({ choose, beta });

  const cardSent = createCardSent({ wait });
  const views = createTokenViews({ records, now });
  const licenses = createLicenses({ findReader: graphs.findOwnReader, beta, log });
  const startSync = createStartSync({ runs, audit, licenses, now, cooldownMs: config.syncCooldownMs, beta });
  const wall: CardWall = {
    write: (...written) => teams.outbox.write(...written),
    tryWriting: (...written) => teams.outbox.tryWriting(...written),
    mention: (...mentioned) => teams.outbox.mention(...mentioned),
  };
  const shown = { wall, cardSent: cardSent.waitFor, onEnd: metrics.countSync, now, wait, log };
  const findReceipt = createFindBatchReceipt({ runs, licenses, log });
  const batchBoard = createBatchBoard({ ...shown, batches, findReceipt });
  const receiptBoard = createReceiptBoard({ ...shown, runs, views, licenses });
  const board = noteEnds(createRunBoards({ single: receiptBoard, batch: batchBoard }), audit);
  const shareReads = createSharedReads({ now });
  const follower = createFollower({
    ...{ runs, board, now, wait, log, beta },
    deadlineMs: config.syncFollowDeadlineMs,
    listReaders: (followed) => shareReads(followed, graphs.listReaders(followed.requester, followed.tenantId)),
  });
  const pace = createPace({ ...writePace, now, wait });
  const runner = createBatchRunner({ batches, runs, board: batchBoard, startSync, follower, licenses, pace, now, log });
  const planSyncs = createPlanSyncs({ runs, now, cooldownMs: config.syncCooldownMs, beta });
  const syncAll = createSyncAll({ planSyncs, planViews: createPlanViews({ records, now }), runner, audit });

  const status = { findToken, views, runs, beta };
  const history = { findToken, history: createAuditHistory(db), beta, now };
  const findOwn = (turn: Turn) => {
    const session = identity.sessions.find(turn.person);
    return session && { ...turn, session, graph: graphs.forPerson(turn, session) };
  };
  const alerting = createAlerting({
    ...{ config, db, records, audit, graphs, now, log, getAppToken: identity.getAppToken },
    ...{ wall: createLateWall(() => teams.alertWall), registry: metrics.registry },
  });
  const { monitoring } = alerting;
  const checks = createChecks({
    ...{ findOwn, now, version, publicUrl: config.publicUrl },
    trySending: (conversation) => trySending(teams.outbox, conversation),
    hasInboundKeys: inboundKeys.isReady,
    findOpenPurpose: async ({ person, conversation }) =>
      (await requests.findOpenOf(person, conversation.id, now()))?.purpose,
    ...(monitoring && {
      getAppToken: identity.getAppToken,
      looks: { findTenant: monitoring.findTenant, intervalMs: config.monitorIntervalMs },
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
    renewal: { findToken, marks, audit, beta },
    whoami: { findOwn, deadlineMs: lookWithinMs },
    doctor: { checks, deadlineMs: lookWithinMs, log },
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
  const handlers = createPressHandlers({
    ...{ commands, status, syncAll },
    alerts: alerting.forCards,
  });

  const pruning = createPruning({
    stores: { processed, records, requests, runs, batches, marks, secrets, ...alerting.stores, audit: audits.keeping },
    ...{ now, log },
  });
  const answerPlan = createAnswerPlan({ records, run, commands, syncAll, audit, now });

  const teams = createTeams({
    ...{ config, log, now, metrics, processed, inboundKeys, cardSent, requests, runs, signIn },
    installations: createInstallations(db),
    ...alerting.forTeams,
    batches: batchBoard,
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
    press: createPress({ records, sessions: identity.sessions, signIn, run, audit, handlers, now }),
    listNotReady: createReadiness({ config, db, inboundKeys, getAppToken: identity.getAppToken, now }),
  });

  return {
    async start() {
      // Whether their cards were ever sent is settled: nobody will announce them any more.
      const left = [...(await runs.listUnfinished()), ...(await runs.listUntold())];
      for (const { id, batchId } of left) if (!batchId) cardSent.announce(id);
      await receiptBoard.resume();
      await runner.resume();
      await follower.resume();
      await teams.server.listening(config.port);
      pruning.start();
      await alerting.start();
      return teams.server.address().port;
    },
    async stop() {
      pruning.stop();
      await Promise.all([alerting.stop(), teams.server.close()]);
      await runner.stop();
      await follower.stop();
      await receiptBoard.stop();
      await batchBoard.stop();
      await teams.background.drain();
      await db.destroy();
    },
  };
}
