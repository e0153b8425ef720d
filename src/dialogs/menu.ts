import { helpTopics } from '../cards/help-card.ts';
import { findMenuCard } from '../domain/card-record.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { answerProof, answerToOutcome, asReplyToCard, type CardAction, type CardActionAnswer } from './card-action.ts';
import { type Command, type CommandCall, getCommand, printCall } from './command.ts';
import type { Run } from './run-command.ts';
import type { SignIn } from './sign-in.ts';

/** The buttons that are the same on every card of their kind. */
export const menuVerbs = { helpRow: 'help/open', doctorAgain: 'doctor/again' } as const;

interface MenuParts {
  readonly signIn: SignIn;
  readonly run: Run;
  readonly commands: readonly Command[];
}

/** Answers the press of a button that is the same on every card of its kind; undefined for any other button. */
export type AnswerMenu = (turn: Turn, action: CardAction) => Promise<CardActionAnswer> | undefined;

/**
 * Buttons of cards that say the same to everybody need no stored record: a row of the help, which runs its command as whoever taps
 * it, and the doctor's “Run again”.
 */
export function createAnswerMenu({ signIn, run, commands }: MenuParts): AnswerMenu {
  /** Commands that change something at once are explained instead. */
  function findCall({ verb, id, row }: CardAction): CommandCall | undefined {
    const card = findMenuCard(id)?.card;
    if (verb === menuVerbs.doctorAgain && card === 'doctor')
      return { command: getCommand(commands, 'doctor'), rest: '' };
    const topic = verb === menuVerbs.helpRow && card === 'help' && row !== undefined ? helpTopics[row - 1] : undefined;
    if (topic === undefined) return undefined;
    return explained.has(topic)
      ? { command: getCommand(commands, 'help'), rest: topic }
      : { command: getCommand(commands, topic), rest: '' };
  }

  async function answer(turn: Turn, action: CardAction, call: CommandCall): Promise<CardActionAnswer> {
    if (action.trigger !== 'manual') return { kind: 'message', text: textsFor(turn.locale).cardAction.notManual };
    const isOnCard = action.verb === menuVerbs.doctorAgain;
    const place = isOnCard ? turn : asReplyToCard(turn);
    if (!action.proof) return toAnswer(await run.command(place, call), isOnCard);
    const outcome = await answerProof(signIn, turn, action.proof, (request) => request.resume === printCall(call));
    if (outcome.kind === 'signedIn') {
      const { session, request } = outcome;
      return toAnswer(await run.command(place, call, { session, purpose: request.purpose }), isOnCard);
    }
    return answerToOutcome(turn, outcome, action.proof) ?? toAnswer(await run.command(place, call), isOnCard);
  }

  return (turn, action) => {
    const call = findCall(action);
    return call && answer(turn, action, call);
  };
}

const explained: ReadonlySet<string> = new Set(['sync', 'alertsOn', 'alertsOff', 'signOut']);

function toAnswer(reply: Reply, isOnCard: boolean): CardActionAnswer {
  switch (reply.kind) {
    case 'card':
      return { kind: isOnCard ? 'card' : 'beside', reply };
    case 'refusal':
      return { kind: 'beside', reply };
    case 'text':
      return { kind: 'message', text: reply.text };
    case 'signIn':
      return reply;
  }
}
