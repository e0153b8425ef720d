import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { duration, wait } = formats['zh-CN'];

export const sync: Texts['sync'] = {
  running: (name) => `${name}：正在同步`,
  joined: (name) => `${name}：已有同步正在进行`,
  completed: (name, ms) => `${name}：同步完成，用时 ${duration(ms)}`,
  failed: (name, ms) => `${name}：同步在 ${duration(ms)}后失败`,
  stuck: (name) => `${name}：同步似乎卡住了`,
  noResult: (name, ms) => `${name}：${duration(ms)}后仍没有同步结果`,
  deleted: (name) => `${name}：令牌在同步期间被删除`,
  notStarted: (name) => `${name}：同步未启动`,
  lost: (name) => `${name}：无法继续跟踪此次同步`,
  headline: {
    running: '正在同步',
    joined: '已有同步正在进行',
    completed: (ms) => `同步完成，用时 ${duration(ms)}`,
    failed: (ms) => `同步在 ${duration(ms)}后失败`,
    stuck: (ms) => `同步似乎卡住了：${duration(ms)}后仍在进行`,
    noResult: (ms) => `${duration(ms)}后仍没有结果`,
    deleted: '令牌在同步期间被删除',
    notStarted: '同步未启动',
    lost: '无法继续跟踪此次同步',
  },
  detail: {
    running: '此卡片会一直更新，直到同步结束。',
    joined: '没有再次发起同步。此卡片会跟踪正在进行的同步，直到结束。',
    joinedBy: (person) => `由 ${person} 发起。没有再次发起同步；此卡片会跟踪它，直到结束。`,
    nothingChanged: '令牌的状态和到期日期没有变化。',
    stuck: 'Intune 很少需要这么久。请稍后刷新；如果一小时后仍在进行，请查看 Intune 的服务运行状况。',
    noResult: '如果 Intune 仍在处理，它会自行继续。请稍后刷新以查看结果。',
    deleted: '有人已将它从 Intune 中移除，没有可同步的内容了。',
    notStarted: 'Intune 未明确答复请求，也没有迹象表明同步已开始。请求未重复发送；请点击“立即同步”重试。',
    lost: '同步可能仍在 Intune 中进行，但这里无法看到它的结果。请刷新以查看令牌的当前状态。',
  },
  refused: {
    coolDown: (name, agoMs, waitMs) =>
      `${name} 在 ${duration(agoMs)}前刚同步过，Apple 需要两次同步之间有间隔。请在 ${wait(waitMs)}后重试。`,
    expired: (name) => `${name} 已过期，无法同步。没有发起任何操作。`,
    invalid: (name) => `${name} 无效，无法同步。没有发起任何操作。`,
    assignedToExternalMDM: (name) => `${name} 已被其他 MDM 使用，无法同步。没有发起任何操作。`,
  },
};
