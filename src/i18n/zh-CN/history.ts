import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { duration, number } = formats['zh-CN'];

export const history: Texts['history'] = {
  heading: '谁同步过什么',
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
  other: (raw) => `结果为“${raw}”`,
  joined: '加入了正在进行的同步',
  more: (count) => `另有 ${number(count)} 次`,
  none: '对于您能看到的令牌，还没有人让我同步过。',
  noneOf: (name) => `还没有人让我同步过 ${name}。`,
  scope: '这里只列出通过我发起的同步，不包括 Intune 自行运行的同步。',
  summary: (count) => `历史：${number(count)} 次同步`,
  summaryOf: (name, count) => `${name}：共 ${number(count)} 次同步`,
};
