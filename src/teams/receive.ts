import { refuse, withReference } from '../cards/refusal.ts';
import type { Conversations } from '../domain/alert-repositories.ts';
import { BusyError, conversationRoot } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Log, Runtime } from '../lib/runtime.ts';
import type { Background } from '../lib/worker.ts';
import type { TurnClaim } from '../store/turns.ts';
import type { StartTurn, TurnKind } from '../telemetry/metrics.ts';
import type { Host } from './bot.ts';
import { type Inbound, searchInvoke } from './inbound.ts';
import { type HttpAnswer, invokeMessage } from './invokes.ts';
import type { OpenTurns } from './open-turns.ts';
import type { Outbox } from './outbox.ts';

interface ReceiveParts {
  readonly turns: OpenTurns;
  /** Never rejects. */
  readonly recordConversation: (inbound: Inbound) => Promise<void>;
  readonly host: Host;
  readonly outbox: Outbox;
  readonly background: Background;
  readonly startTurn: StartTurn;
  readonly log: Log;
}

/** Takes an admitted activity: claims it, so that it has one effect; records where it came from; and has the host handle it. */
export function createReceive(parts: ReceiveParts): (inbound: Inbound) => Promise<HttpAnswer> {
  const { turns, recordConversation, host, background, startTurn, log } = parts;
  /** Activities of which some work still goes on. */
  let open = 0;

  return async (inbound) => {
    const isSignIn = inbound.kind === 'invoke' && inbound.name.startsWith('signin/');
    if (open >= mostOpen && !isSignIn) {
      log.warn({ correlationId: inbound.correlationId, open }, 'nothing was done: too many activities at once');
      return answerBusy(inbound, parts);
    }
    // A search has no effect that a repeat could have twice.
    if (inbound.kind === 'invoke' && inbound.name === searchInvoke) return host(inbound);
    open += 1;
    const end = () => {
      open -= 1;
    };
    let claim: TurnClaim;
    try {
      claim = await turns.claim(inbound);
    } catch (error) {
      end();
      if (error instanceof BusyError) {
        log.warn({ err: error, correlationId: inbound.correlationId }, 'nothing was done: the store is busy');
        return answerBusy(inbound, parts);
      }
      log.error({ err: error, correlationId: inbound.correlationId }, 'nothing was done: the store did not answer');
      return answerStoreAway(inbound, parts);
    }
    if (claim === 'repeat') {
      end();
      return answerRepeat(inbound);
    }
    const observed = startTurn(kindOf(inbound));
    return observed.run(async () => {
      await recordConversation(inbound);
      try {
        return await host(inbound);
      } finally {
        background.run(turns.answered(inbound).finally(end).finally(observed.end));
      }
    });
  };
}

function kindOf(inbound: Inbound): TurnKind {
  if (inbound.kind === 'message') return 'message';
  if (inbound.kind !== 'invoke') return inbound.kind === 'other' ? 'other' : 'installation';
  if (inbound.name === 'adaptiveCard/action') return 'press';
  return inbound.name.startsWith('signin/') ? 'signIn' : 'other';
}

/** More would wait longer than people do, because Teams takes 50 answers a second for each tenant. */
const mostOpen = 3_000;

const done: HttpAnswer = { status: 200, body: {} };

/** A client shows the answer to its press, so the press must have one even when it does nothing. */
function answerRepeat(inbound: Inbound): HttpAnswer {
  const isPress = inbound.kind === 'invoke' && inbound.name === 'adaptiveCard/action';
  return isPress ? invokeMessage(textsFor(inbound.locale).cardAction.used) : done;
}

/**
 * Without the store nobody knows if the activity was done before, so nothing is done and its person is notified. An installation is
 * recorded by the next activity from there, and a removal when Teams refuses the next message.
 */
function answerStoreAway(inbound: Inbound, { outbox, background, log }: ReceiveParts): HttpAnswer {
  const { turn } = inbound;
  if (!turn) return done;
  const { conversation, locale, correlationId, messageId } = turn;
  const refusal = refuse(turn, textsFor(locale).errors.storeUnavailable);
  const notify = () => {
    const sending = outbox.send(conversation, locale, refusal, messageId);
    background.run(
      sending.catch((error: unknown) => log.error({ err: error, correlationId }, 'nobody could be notified of it')),
    );
    return done;
  };
  if (inbound.kind === 'message') return notify();
  if (inbound.kind !== 'invoke') return done;
  const { id, connectionName } = inbound.value;
  switch (inbound.name) {
    case 'adaptiveCard/action':
      return invokeMessage(refusal.text);
    case 'signin/tokenExchange':
      // After 412 the client shows the sign-in button, for which the store may be back.
      return { status: 412, body: { id, connectionName, failureDetail: refusal.text } };
    case 'signin/verifyState':
      return notify();
    case 'signin/failure':
      return done;
    default:
      return { status: 501 };
  }
}

/** The activity was not claimed, so that a repeat of it is done. A busy line is sent only where it costs nobody else an answer. */
function answerBusy(inbound: Inbound, { outbox, background, log }: ReceiveParts): HttpAnswer {
  const { turn } = inbound;
  const { busy } = textsFor(inbound.locale).errors;
  const text = `${busy.what} ${busy.next}`;
  if (turn && inbound.kind === 'message')
    background.run(
      outbox
        .sendIfRoom(turn.conversation, withReference(turn, text), turn.messageId)
        .catch((error: unknown) =>
          log.info({ err: error, correlationId: turn.correlationId }, 'no busy line was sent'),
        ),
    );
  if (inbound.kind !== 'invoke') return { status: 429 };
  if (inbound.name === 'adaptiveCard/action') return invokeMessage(text);
  const { id, connectionName } = inbound.value;
  return inbound.name === 'signin/tokenExchange'
    ? { status: 412, body: { id, connectionName, failureDetail: text } }
    : { status: 429 };
}

interface RecordConversationParts {
  readonly conversations: Conversations;
  /** The bot was removed from a conversation: no alert goes there until somebody subscribes anew. */
  readonly markRemoved: (conversationId: string, at: number) => Promise<void>;
  /** Called with every conversation that an activity came from, without its thread: alerts that Teams refused may go there again. */
  readonly onHeard: (conversationId: string) => Promise<void>;
  readonly background: Background;
  readonly runtime: Runtime;
}

/**
 * Records where each admitted activity came from, so that the bot can post there unasked, at the address that Teams named last. Erases
 * it when the bot is removed: from a team with all its channels. Never rejects, because no answer depends on it.
 */
export function createRecordConversation(parts: RecordConversationParts): (inbound: Inbound) => Promise<void> {
  const { conversations, markRemoved, onHeard, background, runtime } = parts;
  const { now, log } = runtime;

  async function erase(id: string, tenantId: string, teamId: string | undefined): Promise<void> {
    const others = teamId === undefined ? [] : await conversations.listIdsOfTeam(tenantId, teamId);
    for (const each of new Set([id, ...others])) {
      await markRemoved(each, now());
      await conversations.erase(each);
    }
  }

  async function record({ kind, conversation, person, teamId }: Inbound): Promise<void> {
    if (!conversation) return;
    const id = conversationRoot(conversation.id);
    if (kind === 'botRemoved') return erase(id, conversation.tenantId, teamId);
    const personId = conversation.kind === 'personal' ? person?.aadObjectId : undefined;
    const known = {
      reference: { ...conversation, id },
      ...(personId && { personId }),
      ...(teamId && { teamId }),
      seenAt: now(),
    };
    await conversations.record(known, { afresh: kind === 'botAdded' });
    background.run(onHeard(id));
  }

  return (inbound) =>
    record(inbound).catch((error: unknown) => log.warn({ err: error }, 'a conversation could not be recorded'));
}
