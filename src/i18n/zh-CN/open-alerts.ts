import type { Texts } from '../en.ts';
import { formats } from '../formats.ts';

const { days, number } = formats['zh-CN'];

export const commands = {
  alertsOpen: {
    name: '提醒 未解决',
    usage: '提醒 未解决',
    summary: '查看此会话中未解决的提醒，并确认或推迟其中一条、一类或全部。',
  },
  digest: {
    name: '立即摘要',
    usage: '立即摘要',
    summary: '立即发送此处提醒的周报。',
  },
} satisfies Partial<Texts['commands']>;

const alertCount = (count: number) => `${number(count)} 条提醒`;

export const openAlerts: Texts['openAlerts'] = {
  heading: (count) => `${number(count)} 条未解决的提醒`,
  none: '此处没有未解决的提醒',
  noneHint: '这些提醒涵盖的令牌出现问题时，会显示在这里。',
  group: (name, count) => `${name} · ${alertCount(count)}`,
  which: '哪些提醒',
  placeholder: '选择一条、一类或全部',
  choose: '请先选择提醒。',
  choice: {
    all: (count) => `全部 ${alertCount(count)}`,
    condition: (name, count) => `${name}：全部 ${number(count)} 条`,
  },
  hint: '也可以输入：“提醒 确认 全部”“提醒 推迟 即将到期 3”“提醒 撤销 contoso”。',
  done: {
    acknowledge: (count) => `已确认 ${alertCount(count)}。`,
    snooze: (count, forDays) => `已将 ${alertCount(count)}推迟 ${days(forDays)}。`,
    undo: (count) => `已撤销对 ${alertCount(count)}的操作。`,
  },
  left: {
    sentence: (reasons) => `未更改：${reasons}。`,
    taken: (count) => `${number(count)} 条此前已确认`,
    notTaken: (count) => `${number(count)} 条没有人确认或推迟过`,
    hidden: (count) => `${number(count)} 条的令牌 Intune 未向您显示`,
    expired: (count) => `${number(count)} 条的令牌已过期，不能推迟`,
    ended: (count) => `${number(count)} 条已经结束`,
    other: (count) => `${number(count)} 条刚刚发生了变化`,
  },
  more: (count) => `还有 ${alertCount(count)}：请再操作一次。`,
  nothingMeant: (asked) => `这里没有关于“${asked}”的未解决提醒。没有做任何更改。可输入“提醒 未解决”查看。`,
  several: (asked, count) => `“${asked}”匹配 ${number(count)} 个有未解决提醒的令牌。请输入更多名称。没有做任何更改。`,
};
