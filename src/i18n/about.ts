import type { Locale } from '../domain/turn.ts';
import { formats } from './formats.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** Milliseconds as people say how long something usually takes: the longer, the rounder. */
export function about(ms: number, locale: Locale): string {
  const stepMs = ms < 10 * secondMs ? secondMs : ms < 2 * minuteMs ? 5 * secondMs : minuteMs;
  return formats[locale].duration(Math.max(secondMs, Math.round(ms / stepMs) * stepMs));
}
