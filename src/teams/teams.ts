import type { Config } from '../config.ts';
import type { Dialogs } from '../dialogs/dialogs.ts';
import type { Person } from '../domain/turn.ts';
import type { AuthPages } from '../identity/auth-pages.ts';
import type { OpenIdKeys } from '../identity/open-id-keys.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type Background, createBackground } from '../lib/worker.ts';
import type { Installations } from '../store/conversations.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';
import type { ProcessedActivities, StoredTurns } from '../store/turns.ts';
import type { CardSent } from '../sync/card-messenger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createHost } from './adapter.ts';
import { createBot } from './bot.ts';
import type { Connector } from './connector.ts';
import { createDeliver, createWhileTyping } from './deliver.ts';
import { createInboundGuard } from './guard.ts';
import { createInboundToken } from './inbound-token.ts';
import { createCardActionInvoke, createSignInInvokes } from './invokes.ts';
import { createOpenTurns, type OpenTurns } from './open-turns.ts';
import type { Outbox } from './outbox.ts';
import { createReceive } from './receive.ts';
import { createListening, createServer, type Listening } from './server.ts';
import { type AlertsThere, createRecordConversation, createWelcome, type RecordConversationParts } from './welcome.ts';

export interface TeamsParts {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly metrics: Metrics;
  readonly connector: Connector;
  readonly outbox: Outbox;
  readonly processed: ProcessedActivities;
  readonly turns: StoredTurns;
  readonly installations: Installations;
  readonly alertsThere: AlertsThere;
  readonly conversations: RecordConversationParts['conversations'];
  readonly markRemoved: RecordConversationParts['markRemoved'];
  readonly onHeard: RecordConversationParts['onHeard'];
  readonly inboundKeys: OpenIdKeys;
  readonly cardSent: CardSent;
  readonly requests: StoredSignInRequests;
  readonly runs: { setCard(runId: string, cardId: string): Promise<void> };
  readonly batches: { setCard(batchId: string, cardId: string): Promise<void> };
  readonly dialogs: Dialogs;
  /** Before a turn: see Identity. */
  readonly recall: (person: Person) => Promise<void>;
  readonly authPages: AuthPages;
  readonly listNotReady: () => Promise<readonly string[]>;
}

export interface Teams {
  readonly background: Background;
  readonly turns: Pick<OpenTurns, 'start' | 'handOver'>;
  readonly server: Listening;
}

/** Everything between Teams' HTTP requests and the dialogs, in the order that an activity passes through it, from the inside out. */
export function createTeams(parts: TeamsParts): Teams {
  const { config, runtime, metrics, connector, outbox, requests, dialogs } = parts;
  const { now, wait, log } = runtime;
  const background = createBackground(log);
  const turns = createOpenTurns({ store: parts.turns, processed: parts.processed, outbox, background, runtime });
  const whileTyping = createWhileTyping(outbox, background);
  const deliver = createDeliver({
    outbox,
    runs: parts.runs,
    batches: parts.batches,
    requests,
    cardSent: parts.cardSent,
    log,
  });
  const signIn = createSignInInvokes({
    dialogs,
    requests,
    deliver,
    whileTyping,
    runtime,
  });
  const welcome = createWelcome({
    installations: parts.installations,
    alerts: parts.alertsThere,
    outbox,
    roster: connector,
    now,
    wait,
    log,
  });
  const bot = createBot({
    recall: parts.recall,
    answerMessage: dialogs.answerMessage,
    invokes: {
      'adaptiveCard/action': createCardActionInvoke({ dialogs, deliver, config }),
      'signin/tokenExchange': signIn.tokenExchange,
      'signin/verifyState': signIn.verifyState,
      'signin/failure': signIn.failure,
    },
    onInstallation: welcome.onInstallation,
    deliver,
    outbox,
    whileTyping,
    turns,
    log,
  });
  const recordConversation = createRecordConversation({
    conversations: parts.conversations,
    markRemoved: parts.markRemoved,
    onHeard: parts.onHeard,
    background,
    now,
    log,
  });
  const receive = createReceive({ turns, recordConversation, host: createHost(bot), outbox, background, log });
  const token = createInboundToken({
    keys: parts.inboundKeys,
    issuer: config.botIssuer,
    botId: config.bot.id,
    now,
  });
  const server = createServer({
    admit: createInboundGuard({ config, token, now }),
    receive,
    authPages: parts.authPages,
    listNotReady: parts.listNotReady,
    metrics: metrics.registry,
    onInbound: metrics.countInbound,
    log,
  });
  return { background, turns, server: createListening(server) };
}
