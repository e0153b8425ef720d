import type { Locale } from '../domain/turn.ts';
import { en, type Texts } from './en.ts';
import { zhCN } from './zh-CN.ts';

export const textsFor = (locale: Locale): Texts => (locale === 'zh-CN' ? zhCN : en);
