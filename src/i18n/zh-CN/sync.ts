import { about } from '../about.ts';
import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { duration, number, wait } = formats['zh-CN'];

export const sync: Texts['sync'] = {
  running: (name) => `${name}：正在同步`,
  joined: (name) => `${name}：已有同步正在进行`,
  completed: (name, ms) => `${name}：同步完成${ms === undefined ? '' : `，用时 ${duration(ms)}`}`,
  failed: (name, ms) => (ms === undefined ? `${name}：同步失败` : `${name}：同步在 ${duration(ms)}后失败`),
  stuck: (name) => `${name}：同步似乎卡住了`,
  noResult: (name, ms) => `${name}：${ms === undefined ? '' : `${duration(ms)}后`}仍没有同步结果`,
  deleted: (name) => `${name}：令牌在同步期间被删除`,
  refusedLate: (name) => `${name}：Intune 拒绝了同步`,
  notStarted: (name) => `${name}：同步未启动`,
  lost: (name) => `${name}：无法继续跟踪此次同步`,
  headline: {
    running: '正在同步',
    joined: '已有同步正在进行',
    completed: (ms) => (ms === undefined ? '同步完成' : `同步完成，用时 ${duration(ms)}`),
    failed: (ms) => (ms === undefined ? '同步失败' : `同步在 ${duration(ms)}后失败`),
    stuck: (ms) => `同步似乎卡住了${ms === undefined ? '' : `：${duration(ms)}后仍在进行`}`,
    noResult: (ms) => `${ms === undefined ? '' : `${duration(ms)}后`}仍没有结果`,
    deleted: '令牌在同步期间被删除',
    refusedLate: 'Intune 拒绝了同步',
    notStarted: '同步未启动',
    lost: '无法继续跟踪此次同步',
  },
  detail: {
    running: '此卡片会一直更新，直到同步结束。',
    soFar: (ms) => `已进行 ${duration(ms)}。`,
    soFarOfUsual: (ms, usualMs) => `已进行 ${duration(ms)}；通常约需 ${about(usualMs, 'zh-CN')}。`,
    usual: (ms) => `通常约需 ${about(ms, 'zh-CN')}。`,
    untimed: {
      restarted: '机器人在此期间重新启动过，因此不知道同步用了多长时间。',
      joined: '发起时同步已在进行，因此不知道它用了多长时间。',
      unseen: 'Intune 从未显示它正在进行，只是和上一次一样显示失败，因此不知道它用了多长时间。',
    },
    joined: '没有再次发起同步。此卡片会跟踪正在进行的同步，直到结束。',
    joinedBy: (person) => `由 ${person} 发起。没有再次发起同步；此卡片会跟踪它，直到结束。`,
    nothingChanged: '没有任何变化：状态、到期日期、帐户、iPhone 和 iPad 应用及其许可证均与之前相同。',
    tokenUnchanged: '状态、到期日期和帐户没有变化。',
    stuck: 'Intune 很少需要这么久。请稍后刷新；如果一小时后仍在进行，请查看 Intune 的服务运行状况。',
    noResult: '如果 Intune 仍在处理，它会自行继续。请稍后刷新以查看结果。',
    deleted: '有人已将它从 Intune 中移除，没有可同步的内容了。',
    notStarted: 'Intune 未明确答复请求，也没有迹象表明同步已开始。请求未重复发送；请点击“立即同步”重试。',
    refusedLate: (why) =>
      `Intune 过了一段时间才答复，并拒绝了请求${why === undefined ? '' : `：${why}`}。没有启动任何同步。`,
    stoppedAsking:
      '机器人在发出请求时被停止，因此不知道是否已请求 Intune。没有迹象表明同步已开始；请点击“立即同步”重试。',
    lost: '同步可能仍在 Intune 中进行，但这里无法看到它的结果。请刷新以查看令牌的当前状态。',
  },
  change: {
    organization: '组织',
    location: '位置',
    licenses: '许可证',
    appAdded: '新增应用',
    appRemoved: '移除应用',
  },
  licenses: {
    pending: '正在比较应用和许可证。',
    approximate: '应用和许可证为近似结果：Intune 只给出应用的 Apple ID 和组织，而有其他令牌与此令牌的这两项相同。',
    notCompared: '未比较应用和许可证。',
    notComparedAs: (why) => `未比较应用和许可证：${why}。`,
    why: {
      forbidden: 'Intune 拒绝显示应用',
      missingScope: '机器人没有读取应用的权限',
      slow: 'Intune 列出应用的时间过长',
      unavailable: 'Intune 无法列出应用',
      noAccount: 'Intune 没有说明哪些应用属于此令牌',
      ambiguous: 'Intune 没有在前后两次都说明哪些应用属于此令牌',
      joined: '发起时同步已在进行',
      signInEnded: '已无法再使用发起人的登录',
      stopped: '机器人在请求同步时被停止',
    },
  },
  batch: {
    nothingChanged: '所有令牌均没有任何变化：状态、到期日期、帐户、iPhone 和 iPad 应用及其许可证均与之前相同。',
    tokensUnchanged: '所有令牌的状态、到期日期和帐户均没有变化。',
    notCompared: (count) => `未比较 ${number(count)} 个令牌的应用和许可证。`,
    notComparedAs: (count, why) => `未比较 ${number(count)} 个令牌的应用和许可证：${why}。`,
  },
  refused: {
    coolDown: (name, agoMs, waitMs) =>
      `${name} 在 ${duration(agoMs)}前刚同步过，Apple 需要两次同步之间有间隔。请在 ${wait(waitMs)}后重试。`,
    expired: (name) => `${name} 已过期，无法同步。没有发起任何操作。`,
    invalid: (name) => `${name} 无效，无法同步。没有发起任何操作。`,
    assignedToExternalMDM: (name) => `${name} 已被其他 MDM 使用，无法同步。没有发起任何操作。`,
  },
};
