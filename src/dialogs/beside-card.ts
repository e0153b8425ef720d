import type { Turn } from '../domain/turn.ts';

/** The same turn, answered beside the pressed card instead of on it: as a reply to the card's message. */
export function besideCard(turn: Turn): Turn {
  const { cardId, ...rest } = turn;
  return cardId === undefined ? rest : { ...rest, messageId: cardId };
}
