import { withReference } from '../cards/refusal.ts';
import type { PlanRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { bareWord, cleanText, safeLine } from '../lib/text.ts';
import { type Choose, restFor } from './choose.ts';
import {
  allWord,
  type Command,
  findCommand,
  getCommand,
  getGraphCommand,
  longestLine,
  parse,
  parseLine,
} from './command.ts';
import type { Continue } from './continue.ts';
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

/** A number that stands for no choice. */
const noChoice = '0';

/**
 * Answers a typed line: a command, else an answer to the person's open question or plan, else a code pasted from the sign-in page,
 * else help to find the words.
 */
export function createAnswerMessage(
  services: Services,
  parts: MessageParts,
): (turn: Turn, text: string) => Promise<Reply> {
  const { stores, syncs, audit, runtime } = services;
  const { commands, run, choose, signIn, continuing } = parts;
  const { records } = stores;
  const { now } = runtime;

  return async (turn, text) => {
    const { errors } = textsFor(turn.locale);
    const parsed = parse(text, commands, turn.locale);
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
          (await answerChoice(turn, parsed.text)) ??
          (await answerPlan(turn, parsed.text)) ??
          (await answerCode(turn, text));
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

  async function answerChoice(turn: Turn, line: string): Promise<Reply | undefined> {
    const answer = yesOrNo(line);
    if (answer === 'no') return decline(turn);
    // A yes chooses none of several, so it is answered like a number out of range.
    const found = await choose.findTyped(turn, answer === 'yes' ? noChoice : line);
    if (!found) return undefined;
    if (found.kind === 'outside') {
      return { kind: 'text', text: textsFor(turn.locale).resolve.numberOutside(found.count) };
    }
    if (!(await records.take(found.record.id, now()))) return used(turn);
    if (found.kind === 'narrowed') return choose.ask(turn, found.choice, 'several');
    const command = findCommand(commands, found.choice.command);
    return command ? run.command(turn, { command, rest: restFor(found.choice, found.token) }) : used(turn);
  }

  async function decline(turn: Turn): Promise<Reply | undefined> {
    const declined = await choose.decline(turn);
    if (!declined) return undefined;
    const action = findCommand(commands, declined.command)?.audits;
    if (action) await audit.record(turn, { action, outcome: 'cancelled' });
    return { kind: 'text', text: textsFor(turn.locale).resolve.cancelled };
  }

  async function answerPlan(turn: Turn, line: string): Promise<Reply | undefined> {
    const answer = yesOrNo(line);
    if (answer === undefined) return undefined;
    const record = await records.findOpenPlan(turn.person.aadObjectId, turn.conversation.id, now());
    if (!record) return undefined;
    const action = 'syncAll';
    if (!(await records.take(record.id, now()))) {
      await audit.record(turn, { action, outcome: 'used' });
      return used(turn);
    }
    if (answer === 'no') {
      await audit.record(turn, { action, outcome: 'cancelled' });
      return { kind: 'text', text: textsFor(turn.locale).resolve.cancelled };
    }
    const plan = record.payload as PlanRecord;
    // A sign-in in between prints this call and so leads back to a new plan, not past it.
    const apply: Command = {
      ...getGraphCommand(commands, 'sync'),
      audits: action,
      run: (authorized: AuthorizedTurn) => syncs.syncAll.apply(authorized, plan),
    };
    const reply = await run.command(turn, { command: apply, rest: allWord });
    // A channel asks for the sign-in with a card, too: nothing was applied then.
    if (reply.kind !== 'card' || reply.continues !== undefined) await records.reopen(record.id);
    return reply;
  }

  /** The sign-in page shows its code as well, for clients that do not hand it over by themselves. */
  async function answerCode(turn: Turn, text: string): Promise<Reply | undefined> {
    const code = cleanText(text);
    if (!/^[\w-]{22}$/.test(code)) return undefined;
    return continuing.replyToSignIn(turn, await signIn.answerWithCode(turn, code));
  }
}

const used = (turn: Turn): Reply => ({
  kind: 'text',
  text: withReference(turn, textsFor(turn.locale).cardAction.used),
});

const yes: ReadonlySet<string> = new Set(['apply', 'yes', 'y', 'ok', '应用', '是', '确认', '好']);
const no: ReadonlySet<string> = new Set([
  'cancel',
  'no',
  'n',
  'nope',
  'none',
  'no thanks',
  'stop',
  'never mind',
  '取消',
  '否',
  '不',
  '不用',
  '不要',
  '算了',
  '都不是',
]);

/** A line that is nothing but a yes or a no, in either language; it is never read as the beginning of a name. */
function yesOrNo(line: string): 'yes' | 'no' | undefined {
  const word = bareWord(line);
  if (yes.has(word)) return 'yes';
  return no.has(word) ? 'no' : undefined;
}
