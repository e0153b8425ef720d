import type { Command } from '../commands/command.ts';
import { parseLine } from '../commands/parse.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Session } from '../identity/session.ts';
import type { Sessions } from '../identity/sessions.ts';
import type { SignInRequest } from '../identity/sign-in-request.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';
import type { Reply, Turn } from '../turn.ts';
import { answerProof, answerToOutcome, type Press, type PressAnswer } from './press.ts';
import type { Run } from './run-command.ts';
import { isOpenFor, type SignIn } from './sign-in.ts';

export interface ContinueParts {
  readonly requests: StoredSignInRequests;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly run: Run;
  readonly commands: readonly Command[];
  readonly now: () => number;
}

export interface Continue {
  /** The press on a Continue button: signs in as its owner when needed, then goes on with the command it stands for. */
  press(turn: Turn, press: Press): Promise<PressAnswer>;
  /** Goes on with the command of a request that was just taken. */
  resume(turn: Turn, request: SignInRequest, session: Session): Promise<Reply>;
}

export const continueVerb = 'signIn/continue';

export function createContinue({ requests, sessions, signIn, run, commands, now }: ContinueParts): Continue {
  async function resume(turn: Turn, request: SignInRequest, session: Session): Promise<Reply> {
    const parsed = parseLine(request.resume, commands);
    if (parsed.kind !== 'call') return { kind: 'text', text: textsFor(turn.locale).signIn.requestExpired };
    const again: Turn = {
      ...turn,
      conversation: request.conversation,
      locale: request.locale,
      ...(request.messageId && { messageId: request.messageId }),
      ...(request.cardId && { cardId: request.cardId }),
    };
    return run.command(again, parsed, session);
  }

  return {
    resume,
    async press(turn, press) {
      const { press: words, signIn: say } = textsFor(turn.locale);
      const request = await requests.find(press.id);
      if (!request) return { kind: 'message', text: words.unknown };
      if (request.owner.aadObjectId !== turn.person.aadObjectId) {
        return { kind: 'message', text: words.somebodyElses(request.owner.name) };
      }
      if (request.usedAt !== undefined) return { kind: 'message', text: words.used };
      if (request.expiresAt <= now()) return { kind: 'message', text: say.requestExpired };
      if (!isOpenFor(request, turn, now())) return { kind: 'message', text: words.otherConversation };
      if (press.trigger !== 'manual') return { kind: 'message', text: words.notManual };
      const session = sessions.find(turn.person);
      if (session) {
        const taken = await requests.take(request.id, now());
        return taken ? answerOf(await resume(turn, request, session)) : { kind: 'message', text: words.used };
      }
      const outcome = press.proof && (await answerProof(signIn, turn, press.proof, ({ id }) => id === request.id));
      if (outcome?.kind === 'signedIn') return answerOf(await resume(turn, outcome.request, outcome.session));
      const told = outcome && answerToOutcome(turn, outcome, press.proof);
      if (told) return told;
      return { kind: 'signIn', requestId: request.id, text: say.prompt, how: 'silent' };
    },
  };
}

/** The card was its owner's question alone, so whatever comes of it stands in its place. */
function answerOf(reply: Reply): PressAnswer {
  if (reply.kind === 'signIn') return reply;
  return reply.kind === 'text' ? reply : { kind: 'card', reply };
}
