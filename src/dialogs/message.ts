import type { Audit } from '../audit/audit.ts';
import { helpCard, summaryOfHelpCard } from '../cards/help-card.ts';
import { withReference } from '../cards/refusal.ts';
import type { CardRecords, PlanRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { Person, Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { bareWord, cleanText, safeLine } from '../lib/text.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';
import { allWord, type SyncAll } from '../sync/sync-all.ts';
import { type Choose, callFor } from './choose.ts';
import type { Command } from './command.ts';
import type { Continue } from './continue.ts';
import { longestLine, parse, parseLine } from './parse.ts';
import type { Run } from './run-command.ts';
import type { SignIn, SignInOutcome } from './sign-in.ts';

interface MessageParts {
  readonly commands: readonly Command[];
  readonly run: Run;
  readonly choose: Choose;
  readonly answerPlan: AnswerPlan;
  readonly signIn: SignIn;
  readonly resume: Continue['resume'];
  readonly records: CardRecords;
  readonly requests: StoredSignInRequests;
  readonly audit: Pick<Audit, 'record'>;
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
        return answer ?? { kind: 'text', text: errors.unknownCommand(parsed.nearest && safeLine(parsed.nearest)) };
      }
    }
  };

  async function answerChoice(turn: Turn, line: string): Promise<Reply | undefined> {
    const { resolve, cardAction } = textsFor(turn.locale);
    const used = (): Reply => ({ kind: 'text', text: withReference(turn, cardAction.used) });
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
    if (action) await parts.audit.record(turn, { action, outcome: 'cancelled' });
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

interface AnswerPlanParts {
  readonly records: CardRecords;
  readonly run: Run;
  readonly commands: readonly Command[];
  readonly syncAll: SyncAll;
  readonly audit: Pick<Audit, 'record'>;
  readonly now: () => number;
}

/** A typed answer to the plan that waits for this person in this conversation; undefined when none waits, or it is no answer. */
type AnswerPlan = (turn: Turn, line: string) => Promise<Reply | undefined>;

export function createAnswerPlan({ records, run, commands, syncAll, audit, now }: AnswerPlanParts): AnswerPlan {
  return async (turn, line) => {
    const said = yesOrNo(line);
    if (said === undefined) return undefined;
    const record = await records.findOpenPlan(turn.person.aadObjectId, turn.conversation.id, now());
    if (!record) return undefined;
    const { cardAction, resolve } = textsFor(turn.locale);
    const action = 'syncAll' as const;
    if (!(await records.take(record.id, now()))) {
      await audit.record(turn, { action, outcome: 'used' });
      return { kind: 'text', text: withReference(turn, cardAction.used) };
    }
    if (said === 'no') {
      await audit.record(turn, { action, outcome: 'cancelled' });
      return { kind: 'text', text: resolve.cancelled };
    }
    const sync = commands.find(({ name }) => name === 'sync');
    if (sync?.needs !== 'graph') throw new Error('No command is called sync');
    // Printed, this is the command that plans: what a sign-in in between leads back to.
    const plan = record.payload as PlanRecord;
    const applying = { ...sync, audits: action, run: (authorized: AuthorizedTurn) => syncAll.apply(authorized, plan) };
    const reply = await run.command(turn, { command: applying, rest: allWord });
    // A channel's sign-in is a card too, and nothing was applied yet.
    if (reply.kind !== 'card' || reply.continues !== undefined) await records.reopen(record.id);
    return reply;
  };
}

const yes: ReadonlySet<string> = new Set(['apply', 'yes', 'y', 'ok', '应用', '是', '确认', '好']);
const no: ReadonlySet<string> = new Set([
  ...['cancel', 'no', 'n', 'nope', 'none', 'no thanks', 'stop', 'never mind'],
  ...['取消', '否', '不', '不用', '不要', '算了', '都不是'],
]);

/** Whether a line is nothing but a yes or a no, in either language; it is never read as the beginning of a name. */
function yesOrNo(line: string): 'yes' | 'no' | undefined {
  const said = bareWord(line);
  if (yes.has(said)) return 'yes';
  return no.has(said) ? 'no' : undefined;
}

interface DropWaitingParts {
  readonly requests: Pick<StoredSignInRequests, 'listOpenOf' | 'take'>;
  readonly now: () => number;
}

/** A new command overtakes the writes that still wait for a sign-in in its thread: a late answer must not carry them out. */
async function dropWaitingWrites(
  { requests, now }: DropWaitingParts,
  turn: Turn,
  commands: readonly Command[],
): Promise<void> {
  for (const { id, resume, conversation } of await requests.listOpenOf(turn.person, now())) {
    const parsed = parseLine(resume, commands);
    const writes = parsed.kind !== 'call' || parsed.command.writes;
    if (writes && conversation.id === turn.conversation.id) await requests.take(id, now());
  }
}

/** Everything that waits for the person's sign-in, wherever it was asked: after signing out none of it goes on by itself. */
export async function dropAllWaiting({ requests, now }: DropWaitingParts, person: Person): Promise<void> {
  for (const { id } of await requests.listOpenOf(person, now())) await requests.take(id, now());
}
