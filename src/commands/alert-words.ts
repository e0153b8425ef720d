import type { ChosenCondition } from '../domain/alert.ts';

/** What people type for the conditions they want to be told of. The first of a language is how the bot writes it. */
export const eventWords: Readonly<
  Record<ChosenCondition, Readonly<Record<'en' | 'zh-CN', readonly [string, ...string[]]>>>
> = {
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

export const allWords = ['all', 'everything', '全部', '所有', '全部令牌', '所有令牌'] as const;
/** After `all`, what there are all of. */
export const tokenWords = ['token', 'tokens', '令牌'] as const;
export const allOfEvents = ['event', 'events', 'alert', 'alerts', '事件', '提醒'] as const;
export const everyEventWords = ['全部事件', '所有事件'] as const;

export const quietWords = ['quiet', '免打扰'] as const;
export const noQuietWords = ['关闭免打扰', '取消免打扰', '不要免打扰', '免打扰关闭'] as const;
export const zoneWords = ['zone', 'timezone', '时区'] as const;
export const weeklyWords = ['weekly', '周报', '每周', '每周摘要'] as const;
export const noWeeklyWords = ['不要周报', '无周报', '取消周报', '关闭周报', '周报关闭'] as const;
export const digestWords = ['digest', 'report', '摘要'] as const;
export const noWords = ['no', 'not', 'without', '不要', '无'] as const;
export const onWords = ['on', '开启', '打开', '开'] as const;
export const offWords = ['off', '关闭', '关'] as const;

/** Say nothing of their own: between what is chosen, and before a name. */
export const andWords = ['and', '&', '+', '和', '与', '及', '以及'] as const;
export const forWords = ['for', 'of', 'about', '对'] as const;

const conditionOf: ReadonlyMap<string, ChosenCondition> = new Map(
  Object.entries(eventWords).flatMap(([condition, words]) =>
    Object.values(words)
      .flat()
      .map((word) => [word, condition as ChosenCondition] as const),
  ),
);

export const findEvent = (word: string): ChosenCondition | undefined => conditionOf.get(word);

export const isOneOf = (words: readonly string[], word: string | undefined): boolean =>
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
export function splitRun(run: string): readonly string[] {
  const [word] = joinable.filter((each) => run.startsWith(each));
  if (word === undefined || word === run) return [run];
  const rest = splitRun(run.slice(word.length));
  return rest.every((each) => joinable.includes(each)) ? [word, ...rest] : [run];
}
