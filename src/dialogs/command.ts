import type { AuditAction } from '../domain/audit-note.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { Locale, Reply, Turn } from '../domain/turn.ts';
import { bareWord } from '../lib/text.ts';

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
  /** In no menu; a question that waits for an answer goes on waiting. */
  readonly isSmallTalk?: true;
  /** In no menu: the words of a button, with which it goes on after a sign-in. */
  readonly isOfCards?: true;
}

/** One thing people can say. `rest` is what follows its words, cleaned: without `vpp` unless it is text, a name without outer quotes. */
export type Command = CommandBase &
  (
    | { readonly needs: 'nothing'; run(turn: Turn, rest: string): Promise<Reply> }
    | { readonly needs: 'graph'; run(turn: AuthorizedTurn, rest: string): Promise<Reply> }
  );

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
