import type { AuditAction } from '../domain/audit-note.ts';
import type { AlertSettingsRecord, ListQuery } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { Locale, Reply, Turn } from '../domain/turn.ts';
import { bareWord, cleanText, countSlips } from '../lib/text.ts';

interface CommandBase {
  /** English name; also the feature's part of its cards' verbs. */
  readonly name: string;
  /** The words that a line begins with, in every language; the bot writes the first of a language. Lower case, single spaces. */
  readonly words: readonly [string, ...string[]];
  /** The kind of text that follows: a token's name or other words, with or without `vpp` before them, or any text as it was typed. */
  readonly takes: 'nothing' | 'token' | 'words' | 'text';
  /** True when it changes something in the tenant; it is never run on a guess. */
  readonly writes: boolean;
  /** Its name in the audit when it is refused or must wait; absent for what only reads. */
  readonly audits?: AuditAction;
  /** Set when it may ask which of several tokens is meant; once one is chosen it runs again, with the token's id first. */
  readonly asksWhich?: true;
  /** Words that may follow the token's name, such as `low`: alone they name no token. */
  readonly suffixes?: RegExp;
  /** Whole lines that are this command without its words: run, or only offered where it changes something. */
  readonly alone?: { readonly words: readonly string[]; readonly is: 'run' | 'offered' };
  /** In no menu; a question that waits for an answer goes on waiting. */
  readonly isSmallTalk?: true;
  /** In no menu: the words of a button, with which it goes on after a sign-in. */
  readonly isOfCards?: true;
}

/** One thing people can say. `rest` is what follows its words, cleaned: without `vpp` unless it is text, a name without outer quotes. */
export type Command = CommandBase &
  (
    | { readonly needs: 'nothing'; run(turn: Turn, rest: string): Promise<Reply> }
    | {
        readonly needs: 'graph';
        run(turn: AuthorizedTurn, rest: string): Promise<Reply>;
        readonly pages?: Pages;
        readonly form?: Form;
      }
  );

/** A command's card with inputs; `run` shows it. */
export interface Form {
  /** Checks the inputs, and carries them out as whoever presses. `shown` is the payload of the form's record. */
  save(turn: AuthorizedTurn, shown: AlertSettingsRecord, inputs: Readonly<Record<string, unknown>>): Promise<Reply>;
}

/** A command's card of rows that has pages; `run` shows the first. */
export interface Pages {
  /** Reads the rows anew and draws a page, the last one where there are fewer by now. `page` is counted from 0. */
  show(turn: AuthorizedTurn, query: ListQuery, page: number): Promise<Reply>;
  /** Buttons that narrow or widen the list, by the step of their verb: from the line's rest to another. */
  readonly filters: Readonly<Record<string, (asked: string) => string>>;
}

/** A command with the rest of its line: all that is needed to run it, now or after a sign-in. */
export interface CommandCall {
  readonly command: Command;
  readonly rest: string;
}

/** A command that needs a sign-in. */
export type GraphCommand = Extract<Command, { readonly needs: 'graph' }>;

/** By its English name; undefined for one that an earlier version knew. */
export const findCommand = (commands: readonly Command[], name: string): Command | undefined =>
  commands.find((command) => command.name === name);

export function getCommand(commands: readonly Command[], name: string): Command {
  const command = findCommand(commands, name);
  if (!command) throw new Error(`No command is called ${name}`);
  return command;
}

export function getGraphCommand(commands: readonly Command[], name: string): GraphCommand {
  const command = getCommand(commands, name);
  if (command.needs !== 'graph') throw new Error(`The command ${name} needs no sign-in`);
  return command;
}

/** The command's words as the bot writes them in a language. */
export const wordsIn = ({ words }: Pick<Command, 'words'>, locale: Locale): string =>
  (locale === 'zh-CN' && words.find((each) => /^[\p{Script=Han} ]+$/u.test(each))) || words[0];

/** The call as a person would type it. `parseLine` reads it back to the same call. */
export function printCall({ command, rest }: CommandCall): string {
  const [words] = command.words;
  if (command.takes === 'token') return rest === '' ? `${words} vpp` : `${words} vpp ${rest}`;
  return rest === '' ? words : `${words} ${rest}`;
}

/** Typed in place of a token's name, it means all tokens. A token with this very name is reached by its id. */
export const allWord = 'all';

const allWords: ReadonlySet<string> = new Set([
  allWord,
  'all tokens',
  'everything',
  '全部',
  '所有',
  '全部令牌',
  '所有令牌',
]);

export const isAll = (asked: string): boolean => allWords.has(bareWord(asked));

export type Parsed =
  | ({ readonly kind: 'call' } & CommandCall)
  | { readonly kind: 'empty' }
  | { readonly kind: 'tooLong' }
  /** No command begins like this; `nearest` is a line that does, in the language asked for, to be offered, never run. */
  | { readonly kind: 'miss'; readonly text: string; readonly nearest?: string };

/** Longest line that is read as a command, in characters after cleaning. */
export const longestLine = 500;
/** Longer texts are not even cleaned. */
const longestText = 20_000;

/** Reads a line somebody typed. Total: every string has an answer. Matches whole words from the start and nothing else. */
export function parse(text: string, commands: readonly Command[], locale: Locale = 'en'): Parsed {
  if (text.length > longestText) return { kind: 'tooLong' };
  // Teams' slash commands may come with their slash.
  const line = cleanText(text).replace(/^\/ ?(?=\p{L})/u, '');
  if (line === '') return { kind: 'empty' };
  if (line.length > longestLine) return { kind: 'tooLong' };
  const asked = withoutCourtesy(line);
  const parsed = parseLine(asked, commands, locale);
  if (parsed.kind !== 'miss') return parsed;
  const looked = parseLine(asked.replace(lookingBefore, ''), commands, locale);
  // "What is sync adatum?" asks for no sync.
  if (looked.kind === 'call' && !looked.command.writes && looked.command.audits === undefined) return looked;
  // "Hello there" has nothing after the courtesy that is a command.
  const whole = parseLine(line, commands, locale);
  if (whole.kind === 'call') return whole;
  // What is no command may be an answer to a question, which is read as it was typed.
  return { ...parsed, text: line };
}

const courtesyBefore =
  /^(?:(?:hi|hey|hello)(?: there)?[,!.]? |(?:(?:could|can|would|will) you(?:,? please)?|please|pls|kindly|i(?: would|'d) like to|i want to|let's)[, ] ?|(?:请|麻烦您?|麻烦你|能不能|能否|可以|可否|[您你]能|我想要?|帮忙|帮我)\s?)+(?=\p{L})/iu;
const courtesyAfter =
  /(?:(?:^|[,，\s]|(?<=\p{Script=Han}))\s*(?:please|pls|thanks|thank you|for me|谢谢|好吗|可以吗|吗))*\s*[?？]*$/iu;
const lookingBefore =
  /^(?:(?:show me(?: the)?|show|what(?:'s| is| are)|which(?: tokens)?(?: are)?) |(?:给我|显示|查看|哪些(?:令牌)?)\s?)/iu;

/** "Could you please sync adatum?" asks for `sync adatum`. Only what stands around a request is left out, and never all of it. */
function withoutCourtesy(line: string): string {
  const bare = line.replace(courtesyBefore, '').replace(courtesyAfter, '').trim();
  return bare === '' ? line : bare;
}

/** The same for a line that is clean already, such as a printed call. */
export function parseLine(line: string, commands: readonly Command[], locale: Locale = 'en'): Parsed {
  const lower = line.toLowerCase().length === line.length ? line.toLowerCase() : line;
  let found: { command: Command; words: string } | undefined;
  for (const command of commands) {
    for (const words of command.words) {
      if (beginsWith(lower, words) && words.length > (found?.words.length ?? 0)) found = { command, words };
    }
  }
  if (!found) return parseAlone(line, commands, locale) ?? miss(line, findNearest(line, commands, locale));
  const { command, words } = found;
  const rest = line.slice(words.length).trim();
  if (command.takes === 'nothing') {
    return /^[\p{P}\p{S}\s]*$/u.test(rest) ? { kind: 'call', command, rest: '' } : miss(line, wordsIn(command, locale));
  }
  return { kind: 'call', command, rest: readRest[command.takes](rest) };
}

/** "expiring" lists what expires; "weekly" is offered as the line that it is short for. */
function parseAlone(line: string, commands: readonly Command[], locale: Locale): Parsed | undefined {
  const word = bareWord(line).replace(/ tokens$|的?令牌$/u, '');
  const command = commands.find(({ alone }) => alone?.words.includes(word));
  if (!command) return undefined;
  if (command.alone?.is === 'run') return { kind: 'call', command, rest: word };
  return miss(line, `${wordsIn(command, locale)} ${word}`);
}

const readRest: Readonly<Record<Exclude<Command['takes'], 'nothing'>, (rest: string) => string>> = {
  token: tokenName,
  words: (rest) => rest.replace(/^(?:[:：,，]\s*|vpp(?![\p{L}\p{N}_])\s*)+/iu, ''),
  text: (rest) => rest,
};

/**
 * Chinese has no spaces, so two Chinese characters or more may be followed by anything. All other words must end there: neither
 * "sync's" nor "sync-up" is a command.
 */
function beginsWith(line: string, words: string): boolean {
  if (!line.startsWith(words)) return false;
  return (
    /\p{Script=Han}{2}$/u.test(words) || !/^(?:[\p{L}\p{M}\p{N}_]|['-][\p{L}\p{N}])/u.test(line.slice(words.length))
  );
}

function tokenName(rest: string): string {
  const name = rest.replace(/^[:：,，]\s*/u, '').replace(/^vpp(?![\p{L}\p{N}_])\s*/iu, '');
  const bare = withoutQuotes(name.trim());
  // "status?" does not ask about a token called "?".
  return /^[\p{P}\p{S}]{1,3}$/u.test(bare) && !/\p{Extended_Pictographic}/u.test(bare) ? '' : bare;
}

function withoutQuotes(name: string): string {
  const quoted = /^(["'])(.*)\1$/u.exec(name)?.[2];
  return quoted === undefined ? name : withoutQuotes(quoted.trim());
}

const miss = (text: string, nearest: string | undefined): Parsed => ({
  kind: 'miss',
  text,
  ...(nearest && { nearest }),
});

/** The line with its beginning put right, when it begins like a command but for a slip or two: one in short words, two from four letters on. */
function findNearest(line: string, commands: readonly Command[], locale: Locale): string | undefined {
  let best: { command: Command; far: number; rest: string } | undefined;
  const typed = line.split(' ');
  for (const command of commands.filter(({ isOfCards }) => !isOfCards)) {
    for (const words of command.words) {
      const length = words.split(' ').length;
      const start = typed.slice(0, length).join(' ').toLowerCase();
      const far = countSlips(start, words, words.length < 4 ? 1 : 2);
      if (far < (best?.far ?? Number.POSITIVE_INFINITY)) {
        best = { command, far, rest: typed.slice(length).join(' ') };
      }
    }
  }
  return best && [wordsIn(best.command, locale), best.command.takes === 'nothing' ? '' : best.rest].join(' ').trim();
}
