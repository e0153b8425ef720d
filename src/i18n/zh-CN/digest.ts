import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { number } = formats['zh-CN'];

export const digest: Texts['digest'] = {
  heading: {
    standing: (count) => `已存在 ${number(count)} 条提醒`,
    burst: (count) => `同时出现 ${number(count)} 条提醒`,
    morning: (count) => `免打扰期间出现 ${number(count)} 条提醒`,
  },
  stood: (count) => `当时已存在 ${number(count)} 条提醒`,
  count: {
    critical: (count) => `${number(count)} 条严重`,
    warning: (count) => `${number(count)} 条警告`,
    info: (count) => `${number(count)} 条提示`,
    ended: (count) => `${number(count)} 条已结束`,
  },
  event: { escalated: '更加紧急', reminded: '仍未解决', cameBack: '再次出现' },
  acknowledgedBy: (person) => `${person} 已确认`,
  snoozed: '已推迟',
  more: (count) => `另有 ${number(count)} 条；输入“列表”可查看所有令牌，问题严重的在前`,
  hint: '输入“状态”和名称，可查看原因和下一步。',
  weekly: {
    heading: (count) => `本周概览：${number(count)} 个令牌`,
    noTokens: '此聊天不再关注任何令牌。',
    openHeading: (count) => `未解决的提醒：${number(count)} 条`,
    noneOpen: '没有未解决的提醒',
    expiryHeading: (count) => `${number(count)} 个令牌在 60 天内到期`,
    noneExpires: '没有令牌在 60 天内到期',
    syncs: {
      line: (counts) => `最近 7 天的同步：${counts}`,
      completed: (count) => `${number(count)} 次完成`,
      failed: (count) => `${number(count)} 次失败`,
      stuck: (count) => `${number(count)} 次卡住`,
      noResult: (count) => `${number(count)} 次没有结果`,
    },
    more: (count) => `另有 ${number(count)} 个`,
    hint: '输入“列表”查看所有令牌。输入“提醒 开启 不要周报”可停止此周报。',
  },
};
