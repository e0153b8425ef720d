import { findTimeZone, findTimeZoneOfCity } from '../lib/time.ts';
import {
  allWords,
  andWords,
  digestWords,
  everyEventWords,
  findEvent,
  forWords,
  isOneOf,
  noQuietWords,
  noWeeklyWords,
  noWords,
  offWords,
  onWords,
  quietWords,
  weeklyWords,
  zoneWords,
} from './alert-words.ts';
import type { AlertsAsked, AlertsProblem } from './alerts-asked.ts';
import type { Chunk } from './chunks.ts';
import { readQuietHours } from './read-quiet-hours.ts';

export interface Setting {
  readonly asked: Pick<AlertsAsked, 'quiet' | 'timeZone' | 'weekly'>;
  /** How many it takes. */
  readonly chunks: number;
}

type Read = Setting | { readonly problem: AlertsProblem } | undefined;

/** `quiet 22:00-07:00 [Europe/Berlin]`, `quiet off`, `no quiet`. A word of no meaning right after the hours can only be a zone. */
export function readQuiet(text: string, chunks: readonly Chunk[], at: number): Read {
  const [chunk, next] = chunks.slice(at, at + 2);
  if (!chunk) return undefined;
  if (isOneOf(noQuietWords, chunk.word)) return { asked: { quiet: 'off' }, chunks: 1 };
  if (isOneOf(noWords, chunk.word) && isOneOf(quietWords, next?.word)) return { asked: { quiet: 'off' }, chunks: 2 };
  const word = quietWords.find((each) => chunk.word === each || (each === '免打扰' && /^免打扰\d/u.test(chunk.word)));
  if (word === undefined) return undefined;
  if (isOneOf(offWords, next?.word)) return { asked: { quiet: 'off' }, chunks: 2 };
  const after = chunk.start + word.length;
  const read = readQuietHours(text.slice(after));
  if (read.kind === 'none') return { problem: { kind: 'noHours' } };
  if (read.kind === 'same') return { problem: { kind: 'sameHours' } };
  const until = chunks.findIndex(({ start }) => start >= after + read.length);
  const used = (until < 0 ? chunks.length : until) - at;
  const zone = readZoneAfterHours(chunks, at + used);
  if (zone && 'problem' in zone) return zone;
  return { asked: { quiet: read.hours, ...zone?.asked }, chunks: used + (zone?.chunks ?? 0) };
}

function readZoneAfterHours(chunks: readonly Chunk[], at: number): Read {
  const chunk = chunks[at];
  if (!chunk || chunk.isQuoted) return undefined;
  if (chunk.word === 'in' || isOneOf(zoneWords, chunk.word) || isTimeZone(chunks, at)) return zoneAt(chunks, at, 1);
  return hasMeaning(chunk.word) ? undefined : zoneAt(chunks, at, 0);
}

/** `zone Europe/Berlin`, or the zone alone, for who has no quiet hours but the weekly digest. */
export function readZone(chunks: readonly Chunk[], at: number): Read {
  const { word = '' } = chunks[at] ?? {};
  if (isOneOf(zoneWords, word) || isTimeZone(chunks, at)) return zoneAt(chunks, at, 1);
  return word.includes('/') && findTimeZone(word) !== undefined ? zoneAt(chunks, at, 0) : undefined;
}

const isTimeZone = (chunks: readonly Chunk[], at: number) =>
  chunks[at]?.word === 'time' && chunks[at + 1]?.word === 'zone';

function zoneAt(chunks: readonly Chunk[], at: number, before: 0 | 1): Read {
  const words = before + (isTimeZone(chunks, at) ? 1 : 0);
  const name = chunks[at + words];
  const said = name?.isQuoted ? name.said : (name?.said.slice(0, name.word.length) ?? '');
  const timeZone = findTimeZone(said);
  if (timeZone !== undefined) return { asked: { timeZone }, chunks: words + 1 };
  const near = findTimeZoneOfCity(said);
  return { problem: { kind: 'noZone', said, ...(near !== undefined && { near }) } };
}

/** `weekly [digest] [on|off]`, `no weekly`. */
export function readWeekly(chunks: readonly Chunk[], at: number): Read {
  const [first, second] = [chunks[at]?.word, chunks[at + 1]?.word];
  if (isOneOf(noWeeklyWords, first)) return { asked: { weekly: false }, chunks: 1 };
  const isDenied = isOneOf(noWords, first) && isOneOf(weeklyWords, second);
  if (!isDenied && !isOneOf(weeklyWords, first)) return undefined;
  let used = isDenied ? 2 : 1;
  if (isOneOf(digestWords, chunks[at + used]?.word)) used += 1;
  const last = chunks[at + used]?.word;
  const isOff = isOneOf(offWords, last);
  return { asked: { weekly: !isDenied && !isOff }, chunks: used + (isOff || isOneOf(onWords, last) ? 1 : 0) };
}

/** Whether a word means something by itself after `alerts on`, so that it cannot be meant as a zone. */
function hasMeaning(word: string): boolean {
  const settings = [weeklyWords, noWeeklyWords, noQuietWords, noWords, quietWords].flat();
  const others = [allWords, everyEventWords, andWords, forWords].flat();
  return isOneOf([...settings, ...others, 'vpp'], word) || findEvent(word) !== undefined;
}
