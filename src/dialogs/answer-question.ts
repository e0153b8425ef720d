import type { CardRecord, Choice, PlanRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { listConnectors } from '../graph/connectors.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { bareWord, safeLine } from '../lib/text.ts';
import {
  asksForOthers,
  type Choose,
  findNumbered,
  listMeant,
  listNamed,
  mayBeName,
  narrowed,
  restFor,
} from './choose.ts';
import { allWord, type Command, findCommand, type GraphCommand, getGraphCommand } from './command.ts';
import type { Run } from './run-command.ts';
import type { Services } from './services.ts';

interface AnswerQuestionParts {
  readonly commands: readonly Command[];
  readonly run: Run;
  readonly choose: Choose;
}

export interface AnswerQuestion {
  /** Reads a line as the answer to the person's open question or plan; undefined when it is none. */
  open(turn: Turn, line: string): Promise<Reply | undefined>;
  /** Reads a line as the answer to the very question or plan that it quotes; refuses what is not the person's, or over. */
  quoted(turn: Turn, record: CardRecord, line: string): Promise<Reply | undefined>;
}

/** Takes typed answers as buttons are taken: once, by their owner; the question's card becomes what was chosen. */
export function createAnswerQuestion(
  { config, identity, stores, syncs, audit, runtime }: Services,
  { commands, run, choose }: AnswerQuestionParts,
): AnswerQuestion {
  const { records } = stores;
  const { now } = runtime;

  return {
    async open(turn, line) {
      const choice = await choose.findOpen(turn);
      const answered = choice && (await answerChoice(turn, choice, line));
      if (answered) return answered;
      const plan = await records.findOpenPlan(turn.person.aadObjectId, turn.conversation.id, now());
      return plan && answerPlan(turn, plan, line);
    },
    async quoted(turn, record, line) {
      const { cardAction } = textsFor(turn.locale);
      const refusal = findRefusal(turn, record, now());
      if (refusal) return { kind: 'text', text: cardAction[refusal] };
      return record.kind === 'plan' ? answerPlan(turn, record, line) : answerChoice(turn, record, line);
    },
  };

  async function answerChoice(turn: Turn, record: CardRecord, line: string): Promise<Reply | undefined> {
    const choice = record.payload as Choice;
    const command = findCommand(commands, choice.command);
    if (!command) return undefined;
    const answer = yesOrNo(line);
    if (answer === 'no') return cancel(turn, record, command.audits);
    const found = findNumbered(choice, line);
    if (found !== undefined && found !== 'outside') {
      if (!(await records.take(record.id, now()))) return used(turn);
      const reply = await run.command(turn, { command, rest: restFor(choice, found) });
      return { ...reply, ...collapsing(record, textsFor(turn.locale).resolve.chosen(found.name)) };
    }
    const named =
      answer === undefined && mayBeName(line) ? await answerWithName(turn, record, command, line) : undefined;
    if (named) return named;
    // A yes chooses none of several, so it is answered like a number out of range.
    if (found === undefined && answer === undefined) return undefined;
    return {
      kind: 'text',
      text: textsFor(turn.locale).resolve.numberOutside(
        (choice.from ?? 0) + 1,
        (choice.from ?? 0) + choice.tokens.length,
      ),
    };
  }

  /** Undefined when none of the tokens asked about is meant. */
  async function answerWithName(
    turn: Turn,
    record: CardRecord,
    command: Command,
    line: string,
  ): Promise<Reply | undefined> {
    if (command.needs === 'graph') return answerAnew(turn, record, command, line);
    const { tokens } = record.payload as Choice;
    const [first, ...others] = listNamed(line, tokens);
    if (!first) return undefined;
    if (!(await records.take(record.id, now()))) return used(turn);
    const reply = await run.command(turn, { command, rest: others.length === 0 ? first.id : line });
    return { ...reply, ...collapsing(record, textsFor(turn.locale).resolve.chosen(first.name)) };
  }

  /** Reads the tokens anew, as the person: a question does not keep them. */
  async function answerAnew(
    turn: Turn,
    record: CardRecord,
    command: GraphCommand,
    line: string,
  ): Promise<Reply | undefined> {
    const choice = record.payload as Choice;
    // Somebody who is signed out may be pasting the code of a sign-in.
    if (isCode(line) && !identity.sessions.find(turn.person)) return undefined;
    let isAnswer = true;
    const choosing: GraphCommand = {
      ...command,
      async run(authorized) {
        const list = asksForOthers(choice) ? listConnectors : listVppTokens;
        const tokens = await list(authorized.graph, { beta: config.graphBeta });
        const meant = listMeant(turn, { choice, askedAt: record.createdAt }, line, tokens);
        const [first, ...others] = meant;
        isAnswer = first !== undefined;
        if (!first || !(await records.take(record.id, now()))) return used(turn);
        if (others.length > 0) return choose.ask(turn, narrowed(choice, line), meant, 'several', 0);
        return command.run(authorized, restFor(choice, first));
      },
    };
    const reply = await run.command(turn, { command: choosing, rest: line });
    if (!isAnswer) return undefined;
    const isOver = (await records.find(record.id))?.usedAt !== undefined || reply.kind === 'card';
    return isOver ? { ...reply, ...collapsing(record, textsFor(turn.locale).resolve.chosen(safeLine(line))) } : reply;
  }

  async function answerPlan(turn: Turn, record: CardRecord, line: string): Promise<Reply | undefined> {
    const answer = yesOrNo(line);
    if (answer === undefined) return undefined;
    const action = 'syncAll';
    if (answer === 'no') return cancel(turn, record, action);
    if (!(await records.take(record.id, now()))) {
      await audit.record(turn, { action, outcome: 'used' });
      return used(turn);
    }
    const plan = record.payload as PlanRecord;
    // A sign-in in between prints this call and so leads back to a new plan, not past it.
    const apply: Command = {
      ...getGraphCommand(commands, 'sync'),
      audits: action,
      run: (authorized: AuthorizedTurn) => syncs.syncAll.apply(authorized, plan),
    };
    const reply = await run.command(turn, { command: apply, rest: plan.asked ?? allWord });
    // A channel asks for the sign-in with a card, too: nothing was applied then.
    if (reply.kind !== 'card' || reply.continues !== undefined) {
      await records.reopen(record.id);
      return reply;
    }
    return { ...reply, ...collapsing(record, textsFor(turn.locale).resolve.applied) };
  }

  async function cancel(turn: Turn, record: CardRecord, action: Command['audits']): Promise<Reply> {
    const { cancelled } = textsFor(turn.locale).resolve;
    if (!(await records.take(record.id, now()))) {
      if (action) await audit.record(turn, { action, outcome: 'used' });
      return used(turn);
    }
    if (action) await audit.record(turn, { action, outcome: 'cancelled' });
    return { kind: 'text', text: cancelled, ...collapsing(record, cancelled) };
  }
}

const collapsing = ({ cardId }: CardRecord, text: string) =>
  cardId === undefined ? {} : { collapses: { cardId, text } };

const used = (turn: Turn): Reply => ({
  kind: 'text',
  text: textsFor(turn.locale).cardAction.used,
});

function findRefusal(turn: Turn, record: CardRecord, now: number): 'notYours' | 'expired' | 'used' | undefined {
  if (record.ownerId !== turn.person.aadObjectId) return 'notYours';
  if (record.expiresAt <= now) return 'expired';
  return record.usedAt === undefined ? undefined : 'used';
}

/** The form of a sign-in's code, which its page shows for clients that do not hand it over by themselves. */
export const isCode = (text: string): boolean => /^[\w-]{22}$/.test(text);

const yes: ReadonlySet<string> = new Set(['apply', 'yes', 'y', 'ok', '执行', '应用', '是', '确认', '好']);
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
