import type { Reply, Turn } from '../domain/turn.ts';
import { type CardAction, type CardActionAnswer, createAnswerCardAction } from './card-action.ts';
import { createCardActionHandlers } from './card-action-handlers.ts';
import { type Choose, createChoose } from './choose.ts';
import type { Command } from './command.ts';
import { type Continue, continueVerb, createContinue } from './continue.ts';
import { createFindToken, type FindToken } from './find-token.ts';
import { createAnswerMenu } from './menu.ts';
import { createAnswerMessage } from './message.ts';
import { createRun } from './run-command.ts';
import { createSearch, type Found, type Search } from './search.ts';
import type { Services } from './services.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

/** Everything that a command may be made from: each takes what it needs, so that a new one needs no wiring. */
export interface CommandServices extends Services {
  readonly choose: Choose;
  readonly findToken: FindToken;
}

export interface Dialogs {
  /** Answers what somebody typed. */
  answerMessage(turn: Turn, text: string): Promise<Reply>;
  /** Answers the press of a button on a card. */
  answerCardAction(turn: Turn, action: CardAction): Promise<CardActionAnswer>;
  /** Finds the choices of a question that typed letters mean, as whoever types them. Never rejects. */
  search(turn: Turn, search: Search): Promise<readonly Found[]>;
  readonly signIn: SignIn;
  readonly replyToSignIn: Continue['replyToSignIn'];
}

/** Joins everything that happens around a command. */
export function createDialogs(
  services: Services,
  createCommands: (services: CommandServices) => readonly Command[],
): Dialogs {
  const signIn = createSignIn(services);
  const run = createRun(services, signIn);
  const choose = createChoose(services);
  const findToken = createFindToken(services, choose);
  const commands = createCommands({ ...services, choose, findToken });
  const continuing = createContinue(services, { signIn, run, commands });
  const handlers = createCardActionHandlers(services, commands, choose);
  const answerMenu = createAnswerMenu({ signIn, run, commands });
  const answerRecordedAction = createAnswerCardAction(services, { signIn, run, handlers });
  return {
    search: createSearch(services),
    signIn,
    replyToSignIn: continuing.replyToSignIn,
    answerMessage: createAnswerMessage(services, { signIn, run, choose, commands, continuing }),
    answerCardAction: (turn, action) =>
      action.verb === continueVerb
        ? continuing.answerButton(turn, action)
        : (answerMenu(turn, action) ?? answerRecordedAction(turn, action)),
  };
}
