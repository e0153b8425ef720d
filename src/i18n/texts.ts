import type { Locale } from '../domain/turn.ts';
import { en, type Texts } from './en.ts';
import { zhCN } from './zh-CN.ts';

export const textsFor = (locale: Locale): Texts => (locale === 'zh-CN' ? zhCN : en);

/** Narrows a value from outside to those that there are words for; Graph's enums and the audit's words are open. */
export const isKeyOf = <Words extends object>(words: Words, value: string): value is keyof Words & string =>
  Object.hasOwn(words, value);
