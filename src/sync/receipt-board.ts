import type { VppToken } from '../graph/vpp-token.ts';
import type { SyncRuns } from '../store/sync-runs.ts';
import type { CardReply, ConversationReference, Person } from '../turn.ts';
import type { EndedRun, RunBoard } from './run-board.ts';
import { phaseOf } from './run-phase.ts';
import type { TokenViews } from './token-view.ts';

/** Where cards stand and can be written anew; implemented by src/teams. */
export interface CardWall {
  /** Writes on the card, or sends a new one when there is none or it is gone. Resolves to the card's id. */
  write(
    conversation: ConversationReference,
    cardId: string | undefined,
    reply: CardReply,
    replyToId?: string,
  ): Promise<string | undefined>;
  /** One line that mentions a person, because edits notify nobody. */
  mention(conversation: ConversationReference, person: Person, text: string, replyToId?: string): Promise<void>;
}

export interface ReceiptBoardParts {
  readonly runs: SyncRuns<VppToken>;
  readonly views: TokenViews;
  readonly wall: CardWall;
  /** Resolves once the run's first card was sent, or could not be. */
  readonly cardSent: (runId: string) => Promise<void>;
  readonly onEnd: (outcome: string) => void;
  readonly log: { error(fields: object, message: string): void };
}

/** People look away from what takes longer than this; then they are called back. */
export const callBackAfterMs = 30_000;

/** Turns the card of an ended run into its receipt. */
export function createReceiptBoard(parts: ReceiptBoardParts): RunBoard {
  return {
    async showEnd(run) {
      parts.onEnd(run.outcome);
      try {
        await parts.cardSent(run.id);
        const cardId = (await parts.runs.find(run.id))?.activityId;
        const reply = await draw(run);
        const written = await parts.wall.write(run.conversation, cardId, reply, run.messageId);
        if (written && written !== cardId) await parts.runs.setCard(run.id, written);
        if (run.endedAt - run.startedAt > callBackAfterMs) {
          await parts.wall.mention(run.conversation, run.requester, reply.summary, run.messageId ?? written);
        }
      } catch (error) {
        parts.log.error({ err: error, runId: run.id }, 'a receipt could not be delivered');
      }
    },
  };

  function draw(run: EndedRun): Promise<CardReply> {
    const { locale, conversation } = run;
    return parts.views.draw(
      { locale, conversation, token: run.after, phase: phaseOf(run), requestedBy: run.requester.name },
      run.id,
    );
  }
}
