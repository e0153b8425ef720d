import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { days, number } = formats['zh-CN'];

export const card: Texts['card'] = {
  label: {
    expires: '到期日期',
    lastSync: '上次同步',
    accountType: '帐户类型',
    appleId: 'Apple ID',
    region: '国家/地区',
    autoUpdate: '应用更新',
    askedBy: '发起人',
    state: '状态',
    cause: '可能的原因',
    who: '谁可以解决',
    next: '下一步',
    changed: '变化',
  },
  accountType: { business: '商业', education: '教育' },
  autoUpdate: { on: '自动', off: '不自动' },
  unnamedToken: '未命名的令牌',
  somebody: '有人',
  unknown: '未知',
  never: '从未',
  nothing: '无',
  daysLeft: (count) => (count === 0 ? '剩余不到 1 天' : `剩余 ${days(count)}`),
  daysAgo: (count) => (count === 0 ? '不到 1 天前' : `${days(count)}前`),
  asOf: '数据截至',
  since: '开始于',
  before: '此前：',
  change: (before, after) => `${before} → ${after}`,
  moreChanges: (count) => `另有 ${number(count)} 项`,
  labelled: (label) => `${label}：`,
  summary: (name, state, left) => `${name}：${state}${left === undefined ? '' : `，${left}`}`,
  reference: (id) => `参考编号：${id}`,
};
