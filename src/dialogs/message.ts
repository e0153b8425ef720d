import type { Audit } from '../audit/audit.ts';
import { helpCard, summaryOfHelpCard } from '../cards/help-card.ts';
import type { Command } from '../commands/command.ts';
import { longestLine, parse } from '../commands/parse.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { cleanText, plain } from '../lib/text.ts';
import type { PressRecords } from '../store/card-records.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { type Choose, callFor } from './choose.ts';
import type { Continue } from './continue.ts';
import { dropWaitingWrites } from './drop-waiting.ts';
import type { Run } from './run-command.ts';
import type { SignIn, SignInOutcome } from './sign-in.ts';
import { withReference } from './with-reference.ts';
import { yesOrNo } from './yes-or-no.ts';

export interface MessageParts {
  readonly commands: readonly Command[];
  readonly run: Run;
  readonly choose: Choose;
  readonly answerPlan: AnswerPlan;
  readonly signIn: SignIn;
  readonly resume: Continue['resume'];
  readonly records: PressRecords;
  readonly requests: StoredSignInRequests;
  readonly audit: Pick<Audit, 'note'>;
  readonly now: () => number;
}

const noChoice = '0';

/** Answers a typed line: a command, else an answer to the person's open question or plan, else a pasted sign-in code, else help to find the words. */
export function createMessage(parts: MessageParts): (turn: Turn, text: string) => Promise<Reply> {
  const { commands, run, choose } = parts;
  const findCommand = (name: string) => commands.find((command) => command.name === name);

  return async (turn, text) => {
    const { errors } = textsFor(turn.locale);
    const parsed = parse(text, commands, turn.locale);
    switch (parsed.kind) {
      case 'call':
        if (!parsed.command.isSmallTalk) {
          await choose.cancel(turn);
          await dropWaitingWrites(parts, turn, commands);
        }
        return run.command(turn, parsed);
      case 'empty':
        return help(turn);
      case 'tooLong':
        return { kind: 'text', text: withReference(turn, errors.tooLong(longestLine)) };
      case 'miss': {
        const answer =
          (await answerChoice(turn, parsed.text)) ??
          (await parts.answerPlan(turn, parsed.text)) ??
          (await answerCode(turn, text));
        return answer ?? { kind: 'text', text: errors.unknownCommand(parsed.nearest && plain(parsed.nearest)) };
      }
    }
  };

  async function answerChoice(turn: Turn, line: string): Promise<Reply | undefined> {
    const { resolve, press } = textsFor(turn.locale);
    const used = (): Reply => ({ kind: 'text', text: withReference(turn, press.used) });
    const said = yesOrNo(line);
    if (said === 'no') return decline(turn);
    // A yes names none of several: it is answered as a number that stands for no choice.
    const found = await choose.findTyped(turn, said === 'yes' ? noChoice : line);
    if (!found) return undefined;
    if (found.kind === 'outside') return { kind: 'text', text: resolve.numberOutside(found.count) };
    if (!(await parts.records.take(found.record.id, parts.now()))) return used();
    if (found.kind === 'narrowed') return choose.ask(turn, found.choice, 'several');
    const call = callFor(found.choice, found.token, findCommand);
    return call ? run.command(turn, call) : used();
  }

  async function decline(turn: Turn): Promise<Reply | undefined> {
    const declined = await choose.decline(turn);
    if (!declined) return undefined;
    const action = findCommand(declined.command)?.audits;
    if (action) await parts.audit.note(turn, { action, outcome: 'cancelled' });
    return { kind: 'text', text: textsFor(turn.locale).resolve.cancelled };
  }

  /** Sign-in pages show their code too, for clients that do not hand it over by themselves. */
  async function answerCode(turn: Turn, text: string): Promise<Reply | undefined> {
    const code = cleanText(text);
    if (!/^[\w-]{22}$/.test(code)) return undefined;
    return replyToOutcome(turn, await parts.signIn.answerWithCode(turn, code), parts.resume);
  }
}

function help(turn: Turn): Reply {
  const data = { locale: turn.locale, conversationKind: turn.conversation.kind };
  return { kind: 'card', card: helpCard(data), summary: summaryOfHelpCard(data) };
}

/** What a person is told, in the chat, of a sign-in that ended there. */
export async function replyToOutcome(turn: Turn, outcome: SignInOutcome, resume: Continue['resume']): Promise<Reply> {
  const { signIn } = textsFor(turn.locale);
  switch (outcome.kind) {
    case 'signedIn':
      return resume(turn, outcome.request, outcome.session);
    case 'ignored':
      return { kind: 'text', text: withReference(turn, signIn.codeNotAccepted) };
    case 'signInAgain':
      return outcome.reply ?? { kind: 'text', text: outcome.text };
    case 'askAnew':
    case 'told':
      return outcome.reply;
  }
}
