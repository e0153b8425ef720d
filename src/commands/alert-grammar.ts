import { type ChosenCondition, chosenConditions } from '../domain/alert.ts';
import type { QuietHours } from '../domain/subscription.ts';
import { findTimeZone, findTimeZoneOfCity } from '../lib/time.ts';

/** The settings in an `alerts on`. A setting that was not typed is absent. */
export interface AlertsAsked {
  readonly target?: { readonly kind: 'all' } | { readonly kind: 'name'; readonly name: string };
  /** In the order of `chosenConditions`, each once. */
  readonly events?: readonly ChosenCondition[];
  readonly quiet?: QuietHours | 'off';
  /** IANA name. */
  readonly timeZone?: string;
  readonly weekly?: boolean;
}

/** Why an `alerts on` cannot be carried out. `said` is the part at fault, as it was typed. */
export type AlertsProblem =
  /** All tokens, and one by name. */
  | { readonly kind: 'twoTargets'; readonly said: string }
  /** Two names, or one with other words in its midst. */
  | { readonly kind: 'twoNames'; readonly said: string; readonly other: string }
  | { readonly kind: 'noHours' }
  | { readonly kind: 'sameHours' }
  | { readonly kind: 'noZone'; readonly said: string; readonly near?: string };

type ReadAlertsOn = { readonly asked: AlertsAsked } | { readonly problem: AlertsProblem };

interface Name {
  readonly start: number;
  readonly end: number;
  readonly quote?: string;
}

/**
 * Reads the words after `alerts on`: all or a token's name, conditions, quiet hours with their time zone, the weekly digest; in any
 * order, all of it optional. Other words are the token's name. A name that is also such a word is typed in quotes or after `vpp`.
 * Total: every text is read or has its problem named; nothing is guessed.
 */
export function readAlertsOn(text: string): ReadAlertsOn {
  const said = text.replace(/^[\s:：,，]+/u, '');
  const chunks = chunksOf(said, splitRun);
  const events = new Set<ChosenCondition>();
  const names: Name[] = [];
  const settings: Setting[] = [];
  let isAll = false;
  let inName = false;

  for (let at = 0; at < chunks.length; ) {
    const used = takeAt(at);
    if (typeof used !== 'number') return { problem: used };
    at += used;
  }
  return settle();

  /** Takes what begins there. Returns how many chunks that was. */
  function takeAt(at: number): number | AlertsProblem {
    const chunk = chunks[at];
    if (!chunk) return 1;
    if (chunk.isQuoted) return takeName(chunk);
    if (chunk.word === 'vpp' && !inName) return takeNamed(at);
    const setting = readQuiet(said, chunks, at) ?? readZone(chunks, at) ?? readWeekly(chunks, at);
    if (setting && 'problem' in setting) return setting.problem;
    if (setting) {
      inName = false;
      settings.push(setting);
      return setting.chunks;
    }
    return takeAll(at) ?? takeEvent(chunk) ?? takeFiller(at) ?? takeName(chunk);
  }

  function takeAll(at: number): number | undefined {
    const [word, next] = [chunks[at]?.word, chunks[at + 1]?.word];
    const isEveryEvent = isOneOf(everyEventWords, word);
    if (!isEveryEvent && !isOneOf(allWords, word)) return undefined;
    inName = false;
    if (isEveryEvent || isOneOf(allOfEvents, next)) {
      for (const condition of chosenConditions) events.add(condition);
      return isEveryEvent ? 1 : 2;
    }
    isAll = true;
    return isOneOf(tokenWords, next) ? 2 : 1;
  }

  function takeEvent({ word }: Chunk): number | undefined {
    const event = findEvent(word);
    if (event === undefined) return undefined;
    inName = false;
    events.add(event);
    return 1;
  }

  function takeFiller(at: number): number | undefined {
    const word = chunks[at]?.word;
    const isAnd = isOneOf(andWords, word) && !inName && at > 0;
    const isFor = isOneOf(forWords, word) && names.length === 0 && at + 1 < chunks.length;
    return isAnd || isFor ? 1 : undefined;
  }

  /** `vpp contoso`, `vpp expired`: a name follows, unless the words mean every token or quiet hours. */
  function takeNamed(at: number): number {
    const next = chunks[at + 1];
    const isName =
      next && ![...allWords, ...everyEventWords, ...quietWords, ...noWords].some((word) => word === next.word);
    if (!isName) return 1;
    takeName(next);
    return 2;
  }

  function takeName({ start, end, isQuoted, said: quote }: Chunk): number {
    const last = names.at(-1);
    if (last && inName && !isQuoted && last.quote === undefined) names[names.length - 1] = { ...last, end };
    else names.push({ start, end, ...(isQuoted && { quote }) });
    inName = true;
    return 1;
  }

  function settle(): ReadAlertsOn {
    const [name, other] = names.map(({ start, end, quote }) => quote ?? said.slice(start, end));
    if (name !== undefined && other !== undefined) return { problem: { kind: 'twoNames', said: name, other } };
    if (name !== undefined && isAll) return { problem: { kind: 'twoTargets', said: name } };
    return {
      asked: {
        ...(isAll && { target: { kind: 'all' } }),
        ...(name !== undefined && { target: { kind: 'name', name } }),
        ...(events.size > 0 && { events: chosenConditions.filter((condition) => events.has(condition)) }),
        ...Object.assign({}, ...settings.map(({ asked }) => asked)),
      },
    };
  }
}

interface Setting {
  readonly asked: Pick<AlertsAsked, 'quiet' | 'timeZone' | 'weekly'>;
  /** How many chunks it takes. */
  readonly chunks: number;
}

type Read = Setting | { readonly problem: AlertsProblem } | undefined;

/** `quiet 22:00-07:00 [Europe/Berlin]`, `quiet off`, `no quiet`. A word without another meaning right after the hours can only be a zone. */
function readQuiet(text: string, chunks: readonly Chunk[], at: number): Read {
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

/** `zone Europe/Berlin`, or the zone alone, for the weekly digest without quiet hours. */
function readZone(chunks: readonly Chunk[], at: number): Read {
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
function readWeekly(chunks: readonly Chunk[], at: number): Read {
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

/** True for a word with a meaning of its own after `alerts on`, which therefore is no zone. */
function hasMeaning(word: string): boolean {
  const settings = [weeklyWords, noWeeklyWords, noQuietWords, noWords, quietWords].flat();
  const others = [allWords, everyEventWords, andWords, forWords].flat();
  return isOneOf([...settings, ...others, 'vpp'], word) || findEvent(word) !== undefined;
}

const time = String.raw`(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm|点|时)?`;
const between = String.raw`\s?(?:-|–|—|~|to|until|till|至|到)\s?`;
const range = new RegExp(String.raw`^\s*(?:(?:hours|from|时间|从)\s?)*${time}${between}${time}(?![\p{L}\p{N}:])`, 'iu');

type ReadHours =
  | { readonly kind: 'hours'; readonly hours: QuietHours; readonly length: number }
  /** From and to are the same time: it could mean all day or none of it. */
  | { readonly kind: 'same' }
  | { readonly kind: 'none' };

/** Reads `22:00-07:00` and other ways to write it, from the beginning of a text. `length` is how much of the text that takes. */
function readQuietHours(text: string): ReadHours {
  const found = range.exec(text);
  if (!found) return { kind: 'none' };
  const [whole, ...parts] = found;
  const from = minutesOf(parts.slice(0, 3));
  const to = minutesOf(parts.slice(3, 6));
  if (from === undefined || to === undefined) return { kind: 'none' };
  return from === to ? { kind: 'same' } : { kind: 'hours', hours: { from, to }, length: whole.length };
}

function minutesOf([hour = '', minute = '0', half = '']: readonly (string | undefined)[]): number | undefined {
  const [hours, minutes] = [Number(hour), Number(minute)];
  const isHalf = /^[ap]m$/i.test(half);
  if (minutes > 59 || hours > 24 || (hours === 24 && minutes > 0) || (isHalf && (hours < 1 || hours > 12)))
    return undefined;
  const hourOfDay = isHalf ? (hours % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : hours % 24;
  return hourOfDay * 60 + minutes;
}

/** A typed word, or a text in quotes. */
interface Chunk {
  /** As it was typed; without its quotes. */
  readonly said: string;
  /** Lower case, without the punctuation that follows it; empty for a quote, which is never a word of ours. */
  readonly word: string;
  readonly isQuoted: boolean;
  /** Positions in the text. */
  readonly start: number;
  readonly end: number;
}

const separator = String.raw`\s,，、;；`;
const pattern = new RegExp(`(?<![^${separator}])(?:"([^"]*)"|'([^']*)')(?![^${separator}])|[^${separator}]+`, 'gu');

/** Cuts a clean text at spaces and commas; text in quotes stays whole. `split` may take a word further apart. */
function chunksOf(text: string, split: (word: string) => readonly string[] = (word) => [word]): Chunk[] {
  return [...text.matchAll(pattern)].flatMap(({ 0: whole, 1: double, 2: single, index: start }): Chunk[] => {
    const quoted = double ?? single;
    if (quoted !== undefined) {
      const said = quoted.trim();
      return said === '' ? [] : [{ said, word: '', isQuoted: true, start, end: start + whole.length }];
    }
    let at = start;
    return split(whole).map((part) => {
      const chunk = { said: part, word: wordOf(part), isQuoted: false, start: at, end: at + part.length };
      at = chunk.end;
      return chunk;
    });
  });
}

function wordOf(part: string): string {
  const bare = part.replace(/[.!?:。！？：]+$/u, '');
  return bare.toLowerCase();
}

/** Words for the conditions to be notified of. The first of a language is how the bot writes it. */
export const eventWords: Readonly<
  Record<ChosenCondition, Readonly<Record<'en' | 'zh-CN', readonly [string, ...string[]]>>>
> = {
  tokenDeleted: { en: ['deleted', 'deletion'], 'zh-CN': ['已删除', '删除'] },
  expired: { en: ['expired'], 'zh-CN': ['已过期', '过期'] },
  invalid: { en: ['invalid'], 'zh-CN': ['无效'] },
  assignedToExternalMDM: { en: ['mdm'], 'zh-CN': ['其他mdm', '其他设备管理'] },
  duplicateLocationId: { en: ['duplicate', 'duplicates'], 'zh-CN': ['位置重复', '重复'] },
  expiring: { en: ['expiring', 'expires', 'expiry'], 'zh-CN': ['即将到期', '到期'] },
  syncFailed: { en: ['failed', 'failing'], 'zh-CN': ['同步失败', '失败'] },
  syncStuck: { en: ['stuck'], 'zh-CN': ['同步卡住', '卡住'] },
  syncStale: { en: ['stale'], 'zh-CN': ['久未同步', '未同步'] },
  licenses: { en: ['licenses', 'licences', 'license', 'licence'], 'zh-CN': ['许可证'] },
};

const allWords = ['all', 'everything', '全部', '所有', '全部令牌', '所有令牌'] as const;
/** May follow `all`. */
const tokenWords = ['token', 'tokens', '令牌'] as const;
const allOfEvents = ['event', 'events', 'alert', 'alerts', '事件', '提醒'] as const;
const everyEventWords = ['全部事件', '所有事件'] as const;

const quietWords = ['quiet', '免打扰'] as const;
const noQuietWords = ['关闭免打扰', '取消免打扰', '不要免打扰', '免打扰关闭'] as const;
const zoneWords = ['zone', 'timezone', '时区'] as const;
const weeklyWords = ['weekly', '周报', '每周', '每周摘要'] as const;
const noWeeklyWords = ['不要周报', '无周报', '取消周报', '关闭周报', '周报关闭'] as const;
const digestWords = ['digest', 'report', '摘要'] as const;
const noWords = ['no', 'not', 'without', '不要', '无'] as const;
const onWords = ['on', '开启', '打开', '开'] as const;
const offWords = ['off', '关闭', '关'] as const;

/** Words without a meaning of their own: between settings, and before a name. */
const andWords = ['and', '&', '+', '和', '与', '及', '以及'] as const;
const forWords = ['for', 'of', 'about', '对'] as const;

const conditionOf: ReadonlyMap<string, ChosenCondition> = new Map(
  Object.entries(eventWords).flatMap(([condition, words]) =>
    Object.values(words)
      .flat()
      .map((word) => [word, condition as ChosenCondition] as const),
  ),
);

/** The condition that a word means in either language. */
export const findEvent = (word: string): ChosenCondition | undefined => conditionOf.get(word);

const isOneOf = (words: readonly string[], word: string | undefined): boolean =>
  word !== undefined && words.includes(word);

// The longest first, so that a word is not taken for the beginning of a longer one.
const joinable = [
  ...conditionOf.keys(),
  ...allWords,
  ...everyEventWords,
  ...noQuietWords,
  ...weeklyWords,
  ...noWeeklyWords,
]
  .filter((word) => /^\p{Script=Han}/u.test(word))
  .toSorted((a, b) => b.length - a.length);

/** Chinese is written without spaces: a run of nothing but words of these is taken apart, anything else left as it is. */
function splitRun(run: string): readonly string[] {
  const [word] = joinable.filter((each) => run.startsWith(each));
  if (word === undefined || word === run) return [run];
  const rest = splitRun(run.slice(word.length));
  return rest.every((each) => joinable.includes(each)) ? [word, ...rest] : [run];
}
