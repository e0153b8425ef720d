import type { Locale } from '../domain/turn.ts';
import { formats } from './formats.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Milliseconds as people say how long ago something was: whole seconds, then minutes, then hours, then from three days on whole days. */
export function roughly(ms: number, locale: Locale): string {
  const short = ms < minuteMs ? secondMs : minuteMs;
  const unit = ms < hourMs ? short : ms < 3 * dayMs ? hourMs : dayMs;
  return formats[locale].duration(Math.floor(ms / unit) * unit);
}
