import { formats } from '../formats.ts';
import { roughly } from '../roughly.ts';
import type { Texts } from '../texts.ts';

const { days, number } = formats['zh-CN'];
const long = (ms: number) => roughly(ms, 'zh-CN');

export const alert: Texts['alert'] = {
  severity: { critical: '严重', warning: '警告', info: '提示' },
  name: {
    expired: '已过期',
    invalid: '无效',
    assignedToExternalMDM: '已被其他 MDM 使用',
    duplicateLocationId: '位置重复',
    expiring: '即将到期',
    syncFailed: '同步失败',
    syncStuck: '同步卡住',
    syncStale: '久未同步',
    licenses: '许可证即将用完',
    monitoringBroken: '监控中断',
  },
  what: {
    expired: '令牌已过期',
    invalid: 'Apple 不再接受此令牌',
    assignedToExternalMDM: '另一个 MDM 正在使用此令牌的位置',
    duplicateLocationId: '另有一个令牌对应同一个位置',
    expiring: (left) => (left === 0 ? '不到 1 天后到期' : `${days(left)}后到期`),
    expiringSoon: '即将到期',
    syncFailed: '上次同步失败',
    syncStuck: (ms) => (ms === undefined ? '同步似乎卡住了' : `同步似乎卡住了，已持续 ${long(ms)}`),
    syncStale: (ms) => `已有 ${long(ms)}没有完成同步`,
    licensesLow: (count) => `${number(count)} 个应用的许可证即将用完`,
    licensesUsedUp: (count) => `${number(count)} 个应用的许可证已用完`,
    brokenTokens: '我无法读取您组织的令牌',
    brokenLicenses: '我无法读取您组织令牌的许可证',
  },
  monitoring: '监控',
  monitoringMeans: {
    tokens: '在修复之前，令牌出现问题前不会有人收到提醒。',
    licenses: '在修复之前，许可证用完前不会有人收到提醒。其他情况仍在监控。',
  },
  advice: {
    syncStuck: {
      cause: 'Intune 很少需要这么久，其服务可能出现故障。',
      next: '请再同步一次。如果仍然卡住，请查看 Intune 的服务运行状况。',
    },
    syncStale: {
      cause: 'Intune 每天会自行同步每个令牌一次。可能有什么阻止了同步，或者每次都失败了。',
      next: '请立即同步一次，其结果会说明更多情况。',
    },
    licenses: {
      cause: '使用中的许可证已接近购买的数量。',
      next: '请向 Apple 购买更多许可证后再同步，或收回不再需要的许可证。',
    },
  },
  broken: {
    forbidden: {
      text: 'Intune 拒绝了我自身的读取访问，尽管已同意权限。',
      fix: '请检查您的组织是否仍有 Intune 许可证，并重新同意此应用的应用程序权限。',
    },
    tokenRejected: {
      text: 'Microsoft Graph 没有接受我自身的登录。',
      fix: '请运维人员查看日志；也可能是您组织的策略禁止了应用访问。',
    },
    throttled: {
      text: 'Microsoft 暂时不再接受请求：此机器人或其他工具在短时间内发出了过多请求。',
      fix: '无需操作，我会继续尝试。',
    },
    unavailable: {
      text: 'Microsoft Entra 或 Intune 没有响应。',
      fix: '暂时无需操作，我会继续尝试。如果仍然如此，请运维人员检查网络和 Microsoft 的服务运行状况。',
    },
    unreadable: {
      text: '在我与 Microsoft 之间有其他设备（例如代理）代为响应。',
      fix: '请运维人员检查网络。',
    },
    unexpected: { text: '机器人自身出现故障，详情已记入日志。', fix: '请运维人员查看日志。' },
  },
  ended: {
    resolved: (ms) => `已解决，持续了 ${long(ms)}`,
    deleted: (ms) => `已结束，持续了 ${long(ms)}：令牌已从 Intune 中删除`,
    superseded: (ms) => `已结束，持续了 ${long(ms)}：此令牌有更严重的问题，另有提醒`,
  },
  was: (name) => `原问题：${name}`,
  label: {
    noticed: '发现于',
    since: '开始于',
    acknowledgedBy: '确认人',
    snoozedBy: '推迟人',
    code: '代码',
    snoozeFor: '推迟时间',
  },
  until: '直到',
  apps: '许可证紧缺的应用',
  moreApps: (count) => `另有 ${number(count)} 个；可通过令牌卡片上的“许可证”查看`,
  snoozeFor: { one: days(1), three: days(3) },
  line: {
    opened: (name, what) => `新提醒：${name}。${what}。`,
    escalated: (name, what) => `更加紧急：${name}。${what}。`,
    mustBeMended: (name, what, cause, who) =>
      `更加紧急：${name}。${what}，而且不会自行恢复。${cause}谁可以解决：${who}`,
    reminded: (name, what) => `仍未解决：${name}。${what}。`,
    cameBack: (name, what) => `再次出现：${name}。${what}。`,
    standing: (name, what) => `此前已存在：${name}。${what}。`,
    returned: (name, what) => `再次打开：${name}。${what}。`,
    changed: (name, what) => `有变化：${name}。${what}。`,
    resolved: (name, was, ms) => `已解决（持续了 ${long(ms)}）：${name}。原问题：${was}。`,
    deleted: (name, was) => `令牌已删除：${name}。原问题：${was}。`,
    superseded: (name, was) => `已被更严重的问题取代：${name}。原问题：${was}。`,
  },
  moreLines: (count) => `另有 ${number(count)} 条。`,
  told: {
    acknowledged: (name, what) => `您已确认：${name}。${what}。所有能看到此提醒的人都会看到这一点。`,
    taken: (person) => `${person} 已确认过此提醒。没有做任何更改。`,
    takenByYou: '您已确认过此提醒。没有做任何更改。',
    snoozed: (name, count) => `已推迟 ${days(count)}：${name}。如果在此之前变得更严重，会立即提醒。`,
    ended: '此提醒已经结束。没有做任何更改。',
    expired: '令牌已过期的提醒不能推迟。可以点击“确认”，表示您正在处理。没有做任何更改。',
    gone: '此提醒已不再保留。没有做任何更改。',
    otherTenant: '此提醒不属于您登录的组织。没有做任何更改。',
    noToken: '此提醒不针对某一个令牌，因此无法执行此操作。',
    busy: '此提醒正在变化，因此没有执行任何操作。请重试。',
  },
};
