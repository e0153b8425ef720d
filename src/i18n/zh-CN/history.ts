import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { duration, number } = formats['zh-CN'];

export const history: Texts['history'] = {
  heading: '谁做过什么',
  outcome: {
    completed: (ms) => `已完成，用时 ${duration(ms)}`,
    failed: (ms) => `${duration(ms)}后失败`,
    stuck: (ms) => `似乎卡住了：${duration(ms)}后仍在进行`,
    noResult: (ms) => `${duration(ms)}内没有结果`,
    deleted: '令牌在此期间被删除',
    notStarted: '未启动',
    lost: '没有看到它的结果',
    refused: '被 Intune 拒绝，没有发起同步',
  },
  running: (ms) => `已进行 ${duration(ms)}`,
  nothing: {
    coolingDown: '未发起：刚刚同步过',
    hopeless: '未发起：令牌的状态不允许',
    refused: '被拒绝，没有发起任何操作',
    notAudited: '被拒绝：无法记录',
    signInAsked: '已要求先登录',
    notYours: '被拒绝：按钮属于他人',
    expired: '被拒绝：按钮已过期',
    used: '被拒绝：按钮已使用过',
    unknown: '被拒绝：无法识别的按钮',
    otherConversation: '被拒绝：按钮属于另一个会话',
    notManual: '被拒绝：按钮并非手动按下',
    cancelled: '已取消',
  },
  done: {
    renewMark: '已开始续订',
    alertsOn: '已开启提醒',
    alertsOff: '已关闭提醒',
    acknowledge: '已确认提醒',
    snooze: '已暂停提醒',
  },
  other: (raw) => `结果为“${raw}”`,
  joined: '加入了正在进行的同步',
  more: (count) => `另有 ${number(count)} 条`,
  none: '对于您能看到的令牌，还没有人让我同步过。',
  noneOf: (name) => `还没有人让我同步过 ${name}。`,
  scope: '这里列出所有通过我发起的请求，包括被拒绝的，不包括 Intune 自行运行的同步。',
  summary: (count) => `历史：${number(count)} 条记录`,
  summaryOf: (name, count) => `${name}：共 ${number(count)} 条记录`,
};
