import type { AuditAction } from '../domain/audit-note.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import type { Locale, Reply, Turn } from '../domain/turn.ts';

interface CommandBase {
  /** English name; also the feature's part of its cards' verbs. */
  readonly name: string;
  /** What people type first, in every language; the first of a language is how the bot writes it. Lower case, single spaces. */
  readonly words: readonly [string, ...string[]];
  /** `token`: a token's name follows, with or without `vpp` before it. `words`: anything may follow. */
  readonly takes: 'nothing' | 'token' | 'words';
  /** Whether it changes something in the tenant: never run on a guess. */
  readonly writes: boolean;
  /** What the audit calls it when it is refused or must wait; absent for what only looks. */
  readonly audits?: AuditAction;
  /** It may ask which of several tokens is meant, and goes on with what follows its words when one is chosen: its id first. */
  readonly asksWhich?: true;
  /** Stands in no menu, and a question that waits for an answer goes on waiting. */
  readonly isSmallTalk?: true;
  /** Stands in no menu: what a button stands for, in words that go on after a sign-in. */
  readonly isOfCards?: true;
}

/** One thing people can say. `rest` is what follows its words, cleaned, without `vpp` and outer quotes. */
export type Command = CommandBase &
  (
    | { readonly needs: 'nothing'; run(turn: Turn, rest: string): Promise<Reply> }
    | { readonly needs: 'graph'; run(turn: AuthorizedTurn, rest: string): Promise<Reply> }
  );

/** A command with what follows it: all that is needed to run it, now or after a sign-in. */
export interface CommandCall {
  readonly command: Command;
  readonly rest: string;
}

/** How the bot writes a command to who reads that language. */
export const wordsIn = ({ words }: Pick<Command, 'words'>, locale: Locale): string =>
  (locale === 'zh-CN' && words.find((each) => /^[\p{Script=Han} ]+$/u.test(each))) || words[0];

/** The call as a person would type it. `parseLine` reads it back to the same call. */
export function printCall({ command, rest }: CommandCall): string {
  const [words] = command.words;
  if (command.takes === 'token') return rest === '' ? `${words} vpp` : `${words} vpp ${rest}`;
  return rest === '' ? words : `${words} ${rest}`;
}
