import { formats } from '../formats.ts';
import { roughly } from '../roughly.ts';
import type { Texts } from '../texts.ts';

const { number } = formats['zh-CN'];
const ago = (ms: number) => `${roughly(ms, 'zh-CN')}前`;

export const list: Texts['list'] = {
  heading: {
    all: (total) => `${number(total)} 个 VPP 令牌，问题严重的在前`,
    expiring: (count, total) => `${number(total)} 个令牌中有 ${number(count)} 个在 30 天内到期或已过期`,
    failed: (count, total) => `${number(total)} 个令牌中有 ${number(count)} 个同步失败或状态异常`,
    stale: (count, total) => `${number(total)} 个令牌中有 ${number(count)} 个超过 36 小时未同步`,
  },
  count: {
    expired: (count) => `${number(count)} 个已过期`,
    invalid: (count) => `${number(count)} 个无效`,
    assignedToExternalMDM: (count) => `${number(count)} 个已被其他 MDM 使用`,
    duplicateLocationId: (count) => `${number(count)} 个位置重复`,
    otherState: (count) => `${number(count)} 个状态未知`,
    syncFailed: (count) => `${number(count)} 个同步失败`,
    expiring: (count) => `${number(count)} 个即将到期`,
    stale: (count) => `${number(count)} 个久未同步`,
    fine: (count) => `${number(count)} 个正常`,
  },
  separator: '，',
  label: { token: '令牌和上次同步', state: '状态和到期' },
  sync: {
    completed: (agoMs) => `${ago(agoMs)}已同步`,
    failed: (agoMs) => (agoMs === undefined ? '上次同步失败' : `上次同步失败，${ago(agoMs)}`),
    running: '正在同步',
    stuck: (ms) => `已同步 ${roughly(ms, 'zh-CN')}，似乎卡住了`,
    never: '从未同步',
    other: (raw) => `上次同步：Intune 返回“${raw}”`,
  },
  more: (count) => `另有 ${number(count)} 个`,
  moreAndFilters: (count) =>
    `另有 ${number(count)} 个；输入“列表 即将到期”、“列表 失败”或“列表 久未同步”可只查看相应的令牌`,
  hint: '输入“状态”和名称，可查看原因和下一步。',
  unknownFilter: (asked) =>
    `无法按“${asked}”筛选。输入“列表”查看所有令牌，或输入“列表 即将到期”、“列表 失败”、“列表 久未同步”。`,
  noneMatch: {
    expiring: (total) => `您可以查看的 ${number(total)} 个令牌中，没有 30 天内到期或已过期的。`,
    failed: (total) => `您可以查看的 ${number(total)} 个令牌全部有效，上次同步也没有失败。`,
    stale: (total) => `您可以查看的 ${number(total)} 个令牌在最近 36 小时内都已同步。`,
  },
};
