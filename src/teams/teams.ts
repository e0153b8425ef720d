import type { Alerting } from '../alerts/alerting.ts';
import { createFindFormer } from '../commands/print-alerts-on.ts';
import type { Config } from '../config.ts';
import type { Dialogs } from '../dialogs/dialogs.ts';
import type { Identity } from '../identity/identity.ts';
import { createDeriveKey, createSeal, keyPurposes } from '../identity/keys.ts';
import type { OpenIdKeys } from '../identity/open-id-keys.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type Background, createBackground } from '../lib/worker.ts';
import type { Stores } from '../store/stores.ts';
import type { Syncs } from '../sync/syncs.ts';
import type { Readiness } from '../telemetry/health.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createBot } from './bot.ts';
import type { Connector } from './connector.ts';
import { createDeliver, createSendReply, createWhileTyping } from './deliver.ts';
import { createInboundGuard } from './guard.ts';
import { loadHost } from './hosts/index.ts';
import { searchInvoke } from './inbound.ts';
import { createInboundToken } from './inbound-token.ts';
import { createCardActionInvoke, createSearchInvoke, createSignInInvokes } from './invokes.ts';
import { createOpenTurns, type OpenTurns } from './open-turns.ts';
import type { Outbox } from './outbox.ts';
import { createPublicPages } from './public-pages.ts';
import { createReceive, createRecordConversation } from './receive.ts';
import { createServer, type HttpServer } from './server.ts';
import { createWelcome } from './welcome.ts';

export interface TeamsParts {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly metrics: Metrics;
  readonly connector: Connector;
  readonly outbox: Outbox;
  readonly stores: Stores;
  readonly identity: Identity;
  readonly syncs: Syncs;
  readonly alerting: Alerting;
  readonly dialogs: Dialogs;
  readonly inboundKeys: OpenIdKeys;
  readonly getReadiness: () => Promise<Readiness>;
}

export interface Teams {
  readonly background: Background;
  readonly turns: Pick<OpenTurns, 'start' | 'handOver'>;
  readonly server: HttpServer;
}

/** Joins everything between Teams' HTTP requests and the dialogs. It is made from the inside out; an activity passes it from the server in. */
export async function createTeams(parts: TeamsParts): Promise<Teams> {
  const { config, runtime, metrics, connector, outbox, stores, identity, syncs, alerting, dialogs } = parts;
  const { now, log } = runtime;
  const background = createBackground(log);
  const sendReply = createSendReply({
    outbox,
    runs: stores.runs,
    batches: syncs.batchCard,
    records: stores.records,
    requests: stores.requests,
    log,
  });
  const turns = createOpenTurns({
    store: stores.turns,
    processed: stores.processed,
    sendReply,
    seal: createSeal(createDeriveKey(config)(keyPurposes.keptReplies)),
    background,
    runtime,
  });
  const whileTyping = createWhileTyping(outbox, background);
  const deliver = createDeliver({ sendReply, keep: turns.keep, cardSent: syncs.cardSent, log });
  const signIn = createSignInInvokes({
    dialogs,
    requests: stores.requests,
    deliver,
    whileTyping,
    runtime,
  });
  const handle = createBot({
    recall: identity.recall,
    answerMessage: dialogs.answerMessage,
    invokes: {
      'adaptiveCard/action': createCardActionInvoke({
        dialogs,
        records: stores.records,
        requests: stores.requests,
        deliver,
        config,
      }),
      [searchInvoke]: createSearchInvoke(dialogs),
      'signin/tokenExchange': signIn.tokenExchange,
      'signin/verifyState': signIn.verifyState,
      'signin/failure': signIn.failure,
    },
    onInstallation: createWelcome({
      installations: stores.installations,
      alerts: { findFormer: createFindFormer(stores) },
      outbox,
      connector,
      runtime,
    }),
    deliver,
    whileTyping,
    turns,
    onFailure: metrics.countFailure,
    log,
  });
  const recordConversation = createRecordConversation({
    conversations: stores.conversations,
    markRemoved: stores.subscriptions.markRemoved,
    onHeard: alerting.resume,
    background,
    runtime,
  });
  const host = await loadHost(config.teamsHost, handle);
  const receive = createReceive({
    turns,
    recordConversation,
    host,
    outbox,
    background,
    startTurn: metrics.startTurn,
    log,
  });
  const token = createInboundToken({
    keys: parts.inboundKeys,
    issuer: config.botIssuer,
    botId: config.bot.id,
    now,
  });
  const server = createServer({
    admit: createInboundGuard({ config, token, now }),
    receive,
    authPages: identity.pages,
    pages: createPublicPages(config),
    getReadiness: parts.getReadiness,
    onInbound: metrics.countInbound,
    log,
  });
  return { background, turns, server };
}
