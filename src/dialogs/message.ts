import { withReference } from '../cards/refusal.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { cleanText, safeLine } from '../lib/text.ts';
import { createAnswerQuestion, isCode } from './answer-question.ts';
import type { Choose } from './choose.ts';
import { type Command, getCommand, longestLine, parse, parseLine } from './command.ts';
import type { Continue } from './continue.ts';
import { aboutQuoted, createFindQuoted } from './quote.ts';
import type { Run } from './run-command.ts';
import type { Services } from './services.ts';
import type { SignIn } from './sign-in.ts';

interface MessageParts {
  readonly commands: readonly Command[];
  readonly run: Run;
  readonly choose: Choose;
  readonly signIn: SignIn;
  readonly continuing: Continue;
}

/**
 * Answers a typed line: a command, else an answer to the person's question or plan, quoted or open, else a code pasted from the sign-in page,
 * else help to find the words.
 */
export function createAnswerMessage(
  services: Services,
  parts: MessageParts,
): (turn: Turn, text: string) => Promise<Reply> {
  const { stores, runtime } = services;
  const { commands, run, choose, signIn, continuing } = parts;
  const { now } = runtime;
  const findQuoted = createFindQuoted(services);
  const answerQuestion = createAnswerQuestion(services, { commands, run, choose });

  return async (turn, text) => {
    const { errors } = textsFor(turn.locale);
    const quoted = await findQuoted(turn);
    const parsed = aboutQuoted(parse(text, commands, turn.locale), quoted, commands);
    switch (parsed.kind) {
      case 'call':
        if (!parsed.command.isSmallTalk) {
          await choose.cancel(turn);
          await dropWaitingWrites(turn);
        }
        return run.command(turn, parsed);
      case 'empty':
        return run.command(turn, { command: getCommand(commands, 'help'), rest: '' });
      case 'tooLong':
        return { kind: 'text', text: withReference(turn, errors.tooLong(longestLine)) };
      case 'miss': {
        const answer =
          quoted?.kind === 'question'
            ? await answerQuestion.quoted(turn, quoted.record, parsed.text)
            : ((await answerQuestion.open(turn, parsed.text)) ?? (await answerCode(turn, text)));
        return answer ?? { kind: 'text', text: errors.unknownCommand(parsed.nearest && safeLine(parsed.nearest)) };
      }
    }
  };

  /** A write that still waits for a sign-in in this conversation must not be carried out after a newer command. */
  async function dropWaitingWrites(turn: Turn): Promise<void> {
    for (const { id, resume, conversation } of await stores.requests.listOpenOf(turn.person, now())) {
      const parsed = parseLine(resume, commands);
      const writes = parsed.kind !== 'call' || parsed.command.writes;
      if (writes && conversation.id === turn.conversation.id) await stores.requests.take(id, now());
    }
  }

  /** The sign-in page shows its code as well, for clients that do not hand it over by themselves. */
  async function answerCode(turn: Turn, text: string): Promise<Reply | undefined> {
    const code = cleanText(text);
    if (!isCode(code)) return undefined;
    return continuing.replyToSignIn(turn, await signIn.answerWithCode(turn, code));
  }
}
