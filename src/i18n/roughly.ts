import type { Locale } from '../turn.ts';
import { formats } from './formats.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Milliseconds as people say how long ago something was: whole minutes, then hours, then from three days on whole days. */
export function roughly(ms: number, locale: Locale): string {
  const unit = ms < hourMs ? minuteMs : ms < 3 * dayMs ? hourMs : dayMs;
  return formats[locale].duration(Math.max(minuteMs, Math.floor(ms / unit) * unit));
}
