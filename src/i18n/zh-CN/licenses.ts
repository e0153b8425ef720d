import type { Texts } from '../en.ts';
import { formats } from '../formats.ts';

const { days, number } = formats['zh-CN'];

export const licenses: Texts['licenses'] = {
  heading: (name) => `${name} 的许可证`,
  apps: (count) => `${number(count)} 个应用`,
  lowOf: (count, total) => `${number(total)} 个应用中有 ${number(count)} 个已使用 95% 或以上`,
  count: {
    over: (count) => `${number(count)} 个超额分配`,
    usedUp: (count) => `${number(count)} 个已用完`,
    low: (count) => `${number(count)} 个即将用完`,
    fine: (count) => `${number(count)} 个有剩余`,
    none: (count) => `${number(count)} 个没有许可证`,
    soon: (count) => `${number(count)} 个将在 14 天内用完`,
  },
  label: { app: '应用', left: '剩余许可证' },
  left: (count) => `剩余 ${number(count)} 个`,
  over: (count) => `超额 ${number(count)} 个`,
  none: '没有许可证',
  used: (used, total) => `已使用 ${number(used)} / ${number(total)}`,
  runsOut: (count) => `约 ${days(count)}后用完`,
  runningOut: '即将用完',
  moreRunOut: (count) => `另有 ${number(count)} 个应用`,
  approximate:
    '以下为近似结果：Intune 只给出应用所属令牌的 Apple ID 和组织，而有其他令牌与此令牌的这两项相同。部分应用可能属于其他令牌。',
  overAssigned: '使用中的许可证多于已购买的数量。请向 Apple 购买更多，或在 Intune 中收回一些。',
  filter: {
    low: (count) => `不足（${number(count)}）`,
    all: (count) => `全部应用（${number(count)}）`,
  },
  uncounted: (count) => `Intune 没有给出 ${number(count)} 个应用的许可证数量，因此未计入。`,
  noApps: (name) =>
    `Intune 没有向您显示 ${name} 的任何带许可证的 iPhone 或 iPad 应用。新购买的应用会在下次同步完成后显示。Mac 应用和图书不计入。`,
  appsUnknown: (name) => `Intune 没有说明哪些应用属于 ${name}：此令牌没有可用于匹配的 Apple ID。`,
  noneLow: (name, total) => `${name}：${number(total)} 个应用中，没有许可证已使用 95% 或以上的。`,
  forbidden: {
    what: 'Intune 拒绝您访问应用，因此无法显示其许可证。',
    cause:
      'Intune 没有说明是哪一个原因：您的 Intune 角色不含读取移动应用的权限、您的帐户没有 Intune 许可证，或您的作用域标记不含这些应用。此外还需要应用权限 DeviceManagementApps.Read.All。',
    who: '您组织的 Intune 管理员。',
    next: '请让管理员为您的角色添加“移动应用：读取”权限。',
  },
};
