import type { Locale } from '../domain/turn.ts';
import { en } from './en.ts';
import { zhCN } from './zh-CN.ts';

/** What went wrong, as a person is told it: one sentence or two each. `next` is one step, never a list of choices. */
export interface Explanation {
  readonly what: string;
  readonly cause: string;
  /** Who can mend it. */
  readonly who: string;
  readonly next: string;
}

/**
 * Every word shown to people. English is the source of the keys; the other languages have exactly the same.
 * Tenant data given to a function goes through `plain` (src/lib/text.ts) first: texts put it in as it is.
 */
export type Texts = Widened<typeof en>;

type Widened<T> = T extends string
  ? string
  : T extends (...parameters: infer P) => infer R
    ? (...parameters: P) => Widened<R>
    : { readonly [Key in keyof T]: Widened<T[Key]> };

export const textsFor = (locale: Locale): Texts => (locale === 'zh-CN' ? zhCN : en);
