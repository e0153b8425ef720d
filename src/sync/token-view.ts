import { summaryOfTokenCard, type TokenAction, type TokenCardData, tokenCard } from '../cards/token-card.ts';
import type { TokenPhase } from '../cards/token-phase.ts';
import type { VppToken } from '../domain/token.ts';
import { type CardReply, type ConversationReference, type Locale, withoutThread } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { PressRecords } from '../store/card-records.ts';

/** What a token card's buttons stand for. */
export interface TokenPress {
  readonly tokenId: string;
  /** The sync that the card follows or shows the receipt of. */
  readonly runId?: string;
}

export interface TokenView {
  readonly locale: Locale;
  readonly conversation: ConversationReference;
  readonly token: VppToken;
  readonly phase: TokenPhase;
  readonly requestedBy: string;
  readonly notice?: NonNullable<TokenCardData['notice']>;
  /** Epoch milliseconds at which the token was read; now, unless told. */
  readonly readAt?: number;
}

/** Cards are pressed for a month after they were drawn; then they say that they are old. */
export const tokenPressExpiresMs = 30 * 24 * 60 * 60 * 1000;

export interface TokenViews {
  /** Draws a token's card and stores what its buttons stand for. Anybody in the conversation may press, as themselves. */
  draw(view: TokenView, runId?: string): Promise<CardReply>;
  /** The two steps apart, for a card that is drawn several times: stores that alone, and resolves to its id. */
  record(view: Pick<TokenView, 'conversation' | 'token'>, runId?: string): Promise<string>;
  drawWith(view: TokenView, pressId: string): CardReply;
}

export function createTokenViews({ records, now }: { records: PressRecords; now: () => number }): TokenViews {
  const views: TokenViews = {
    draw: async (view, runId) => views.drawWith(view, await views.record(view, runId)),
    async record({ conversation, token }, runId) {
      const at = now();
      const id = newOpaqueId();
      await records.add({
        id,
        kind: 'tokenCard',
        conversationId: withoutThread(conversation.id),
        payload: { tokenId: token.id, ...(runId && { runId }) } satisfies TokenPress,
        createdAt: at,
        expiresAt: at + tokenPressExpiresMs,
      });
      return id;
    },
    drawWith({ locale, conversation, token, phase, requestedBy, notice, readAt }, pressId) {
      const at = now();
      const data: TokenCardData = {
        locale,
        now: at,
        token,
        conversationKind: conversation.kind,
        requestedBy,
        pressId,
        actions: actionsIn(phase),
        phase,
        ...(notice && { notice }),
        readAt: readAt ?? at,
      };
      return { kind: 'card', card: tokenCard(data), summary: summaryOfTokenCard(data) };
    },
  };
  return views;
}

function actionsIn(phase: TokenPhase): TokenAction[] {
  if (phase.kind === 'running') return ['refresh', 'licences', 'renew', 'history'];
  if (phase.kind === 'ended' && phase.outcome === 'deleted') return [];
  return ['syncNow', 'refresh', 'licences', 'renew', 'history'];
}
