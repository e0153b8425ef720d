import type { CloudAdapter } from 'botbuilder';
import type { Request, Response } from 'restify';
import type { Config } from '../config.ts';
import type { CardAction, CardActionAnswer } from '../dialogs/card-action.ts';
import type { Continue } from '../dialogs/continue.ts';
import type { SignIn } from '../dialogs/sign-in.ts';
import type { PendingReply, Person, Reply, Turn } from '../domain/turn.ts';
import type { AuthPages } from '../identity/auth-pages.ts';
import type { OpenIdKeys } from '../identity/open-id-keys.ts';
import type { wait } from '../lib/async.ts';
import type { Log } from '../lib/runtime.ts';
import { type Background, createBackground } from '../lib/worker.ts';
import type { Installations } from '../store/conversations.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';
import type { ProcessedActivities, StoredTurns } from '../store/turns.ts';
import type { CardSent } from '../sync/card-messenger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { repeatKey } from './activity.ts';
import { createAdapter, createApplication } from './adapter.ts';
import { createBot, createDeliver, createWhileTyping } from './bot.ts';
import type { Connector } from './connector.ts';
import { createInboundGuard } from './guard.ts';
import { createInboundToken } from './inbound-token.ts';
import { createCardActionInvokes, createSignInBot } from './invokes.ts';
import { createNotifyInterrupted, createOpenTurns, type OpenTurns } from './open-turns.ts';
import type { Outbox } from './outbox.ts';
import { createListening, createServer, type Listening } from './server.ts';
import { createLaterMoves, createNotifyStoreAway, type LaterMoves } from './store-away.ts';
import { type AlertsThere, createRecordConversation, createWelcome, type RecordConversationParts } from './welcome.ts';

export interface TeamsParts {
  readonly config: Config;
  readonly log: Log;
  readonly now: () => number;
  readonly wait: typeof wait;
  readonly metrics: Metrics;
  readonly connector: Connector;
  readonly outbox: Outbox;
  readonly processed: ProcessedActivities;
  readonly turns: StoredTurns;
  readonly hasBegunSync: (owed: PendingReply) => Promise<boolean>;
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
  readonly signIn: SignIn;
  /** Before a turn: see Identity. */
  readonly recall: (person: Person) => Promise<void>;
  readonly authPages: AuthPages;
  readonly continuing: Continue;
  readonly message: (turn: Turn, text: string) => Promise<Reply>;
  readonly press: (turn: Turn, press: CardAction) => Promise<CardActionAnswer>;
  readonly listNotReady: () => Promise<readonly string[]>;
}

export interface Teams {
  readonly background: Background;
  readonly laterMoves: Pick<LaterMoves, 'stop'>;
  readonly turns: Pick<OpenTurns, 'start' | 'handOver'>;
  readonly server: Listening;
}

/** restify's request is what the adapter wants, but for how strictly the two type an absent body. */
type AdapterRequest = Parameters<CloudAdapter['process']>[0];

/** The Teams side, joined: the door, the adapter, the router, and the way out. Nothing outside this folder knows of it. */
export function createTeams(parts: TeamsParts): Teams {
  const { config, log, now, wait, metrics, connector, outbox, requests, continuing } = parts;
  const background = createBackground(log);
  const whileTyping = createWhileTyping({ outbox, background });
  const deliver = createDeliver({
    ...{ outbox, log },
    cardSent: parts.cardSent,
    setRunCard: parts.runs.setCard,
    setBatchCard: parts.batches.setCard,
    setContinueCard: requests.setCard,
  });

  const press = createCardActionInvokes({ press: parts.press, continuePress: continuing.press, deliver, config });
  const signIn = createSignInBot({
    ...{ deliver, whileTyping, log },
    signIn: parts.signIn,
    resume: continuing.resume,
    findOpenRequest: ({ person, conversation }) => requests.findOpenOf(person, conversation.id, now()),
  });
  const welcome = createWelcome({
    ...{ outbox, roster: connector, now, wait, log },
    installations: parts.installations,
    alerts: parts.alertsThere,
  });
  const note = createRecordConversation({
    ...{ background, now, log },
    conversations: parts.conversations,
    markRemoved: parts.markRemoved,
    onHeard: parts.onHeard,
  });
  const { message, recall } = parts;
  const bot = createBot({
    ...{ recall, message, press, signIn, welcome },
    ...{ deliver, outbox, whileTyping, background, now, log },
    addWork: (activity, work) => turns.add(activity, work),
  });
  const application = createApplication(bot);

  const { botIssuer: issuer, bot: registered } = config;
  const token = createInboundToken({ keys: parts.inboundKeys, issuer, botId: registered.id, now });
  const adapter = createAdapter({ token, connector, botId: registered.id });
  const { processed } = parts;
  const turns = createOpenTurns({
    ...{ processed, background, now, wait, log },
    store: parts.turns,
    hasBegunSync: parts.hasBegunSync,
    answer: bot.onMessage,
    tell: createNotifyInterrupted({ outbox, log }),
  });
  const laterMoves = createLaterMoves({
    ...{ wait, log },
    async take(activity) {
      const key = repeatKey(activity);
      if (key !== undefined && !(await processed.claim(key, now()))) return;
      await note(activity);
      await welcome.onMove(activity);
    },
  });
  const server = createServer({
    ...{ log, note, turns, background },
    admit: createInboundGuard({ config, token, now }),
    tellStoreAway: createNotifyStoreAway({ outbox, laterMoves, now, log }),
    process: (request: Request, response: Response) =>
      adapter.process(request as AdapterRequest, response, async (context) => {
        await application.run(context);
      }),
    authPages: parts.authPages,
    listNotReady: parts.listNotReady,
    metrics: metrics.registry,
    onInbound: metrics.countInbound,
  });
  return {
    background,
    laterMoves,
    turns,
    server: createListening(server),
  };
}
