import { refuse } from '../cards/refusal.ts';
import type { Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { isOpaqueId } from '../lib/ids.ts';
import { createWorkerLoop } from '../lib/worker.ts';
import type { Inbound, InboundInstallation } from './inbound.ts';
import { type HttpAnswer, invokeMessage } from './invokes.ts';
import type { Outbox } from './outbox.ts';

interface TellStoreAwayParts {
  readonly outbox: Pick<Outbox, 'send'>;
  readonly laterMoves: Pick<LaterMoves, 'keep'>;
  readonly log: { error(fields: object, message: string): void };
}

/** Teams asks all clients of a person at once; so many requests are remembered as told. */
const mostTold = 1_000;

/**
 * Answers an activity of which the store could not say whether it came before. Nothing is done for it, because it might be done
 * twice: who said, pressed or signed in is told so. What asks for no answer is kept until the store is back.
 */
export function createNotifyStoreAway({ outbox, laterMoves, log }: TellStoreAwayParts) {
  const toldOf = new Set<string>();

  /** True the first time. */
  function isNews(requestId: string): boolean {
    if (toldOf.has(requestId)) return false;
    if (toldOf.size >= mostTold) toldOf.clear();
    toldOf.add(requestId);
    return true;
  }

  async function answer(inbound: Inbound, turn: Turn): Promise<HttpAnswer> {
    const reply = refuse(turn, textsFor(turn.locale).errors.storeAway);
    const tell = () =>
      outbox
        .send(turn.conversation, turn.locale, reply, turn.messageId)
        .catch((error: unknown) =>
          log.error(
            { err: error, correlationId: turn.correlationId },
            'that the store did not answer could not be told',
          ),
        );
    const { id, connectionName } = inbound.kind === 'invoke' ? inbound.value : {};
    switch (inbound.kind === 'invoke' ? inbound.name : 'message') {
      case 'adaptiveCard/action':
        return invokeMessage(reply.text);
      case 'signin/tokenExchange':
        if (typeof id === 'string' && isOpaqueId(id) && isNews(id)) await tell();
        return { status: 200, body: { id, connectionName } };
      case 'message':
      case 'signin/verifyState':
        await tell();
        return done;
      case 'signin/failure':
        return done;
      default:
        return { status: 501 };
    }
  }

  return async (inbound: Inbound, error: unknown): Promise<HttpAnswer> => {
    const { kind, turn } = inbound;
    log.error({ err: error, correlationId: turn?.correlationId }, 'nothing was done: the store did not answer');
    if (inbound.kind === 'botAdded' || inbound.kind === 'botRemoved') laterMoves.keep(inbound);
    return turn && (kind === 'message' || kind === 'invoke') ? answer(inbound, turn) : done;
  };
}

const done: HttpAnswer = { status: 200, body: {} };

interface LaterMovesParts {
  /** Does what is to be done about it. Rejects while the store is away. */
  readonly take: (activity: InboundInstallation) => Promise<void>;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
}

export interface LaterMoves {
  /** Takes it once the store answers again; Teams was told that it came. */
  keep(activity: InboundInstallation): void;
  /** Takes nothing more. What is left is logged and gone. */
  stop(): Promise<void>;
}

const everyMs = 5_000;
/** So many are kept; who comes into more conversations while the store is away is not welcomed there. */
const most = 1_000;

/** Where the bot came or left while the store was away, in this process's memory, in order. */
export function createLaterMoves({ take, wait, log }: LaterMovesParts): LaterMoves {
  const waiting: InboundInstallation[] = [];

  async function pass(): Promise<number> {
    for (let first = waiting[0]; first && !loop.stopping.aborted; first = waiting[0]) {
      await take(first);
      waiting.shift();
    }
    return everyMs;
  }
  const onFailure = (error: unknown) => log.warn({ err: error, waiting: waiting.length }, 'moves of the bot wait');
  const loop = createWorkerLoop({ pass, wait, onFailure, longestRestMs: everyMs });

  return {
    keep(activity) {
      if (waiting.length >= most) return log.warn({ waiting: most }, 'a move of the bot was not noted');
      waiting.push(activity);
      loop.start();
    },
    async stop() {
      await loop.stop();
      if (waiting.length > 0) log.warn({ waiting: waiting.length }, 'moves of the bot were not noted');
    },
  };
}
