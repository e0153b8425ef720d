import type { Texts } from '../en.ts';
import { formats } from '../formats.ts';

const { and, days, number, wait } = formats['zh-CN'];
export const card: Texts['card'] = {
  allTokens: '所有令牌',
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
    details: '详细信息',
  },
  accountType: { business: '商务', education: '教育' },
  autoUpdate: { on: '自动', off: '不自动' },
  unnamedToken: '未命名的令牌',
  somebody: '有人',
  unknown: '未知',
  nothing: '无',
  daysLeft: (count) => (count === 0 ? '剩余不到 1 天' : `剩余 ${days(count)}`),
  daysAgo: (count) => (count === 0 ? '不到 1 天前' : `${days(count)}前`),
  page: (firstCount, lastCount, total) =>
    `第 ${firstCount === lastCount ? '' : `${number(firstCount)}–`}${number(lastCount)} 项，共 ${number(total)} 项`,
  openRow: (name, state) => `查看状态：${name}，${state}`,
  asOf: '数据截至',
  since: '开始于',
  before: '此前：',
  change: (before, after) => `${before} → ${after}`,
  moreChanges: (count) => `另有 ${number(count)} 项`,
  labelled: (label) => `${label}：`,
  summary: (name, state, left) => `${name}：${state}${left === undefined ? '' : `，${left}`}`,
  reference: (id) => `参考编号：${id}`,
};

export const buttons: Texts['buttons'] = {
  syncNow: '立即同步',
  refresh: '刷新',
  licences: '许可证',
  renew: '续订',
  history: '历史',
  continue: '继续',
  signIn: '登录',
  apply: '执行',
  cancel: '取消',
  acknowledge: '确认',
  snooze: '推迟',
  runAgain: '重新检查',
  undo: '撤销',
  previous: '上一页',
  next: '下一页',
  openAlerts: '未解决的提醒',
  settings: '设置',
  save: '保存',
};

export const cardAction: Texts['cardAction'] = {
  unknown: '此按钮已失效。请重新提问以获取新卡片。',
  used: '此按钮已使用过。请重新提问以获取新卡片。',
  expired: '此按钮已过期。请重新提问以获取新卡片。',
  somebodyElses: (person) => `只有 ${person} 可以使用。请自行提问以获取您自己的卡片。`,
  notYours: '只有提问者可以使用。请自行提问以获取您自己的卡片。',
  notManual: '未执行任何操作：需要有人点击按钮。',
  working: '正在处理，结果会显示在这里。',
  noPerson: '未执行任何操作：Teams 没有说明是谁点击了按钮。请使用您组织的帐户登录 Teams，然后再次点击。',
  otherConversation: '此按钮属于另一个会话。请在这里重新提问以获取新卡片。',
};

export const resolve: Texts['resolve'] = {
  which: (asked, count) => `“${asked}”与 ${number(count)} 个令牌匹配。您指的是哪一个？`,
  whichOfAll: (count) => `您指的是这 ${number(count)} 个令牌中的哪一个？`,
  show: { status: '查看状态', licenses: '查看许可证', history: '查看历史' },
  label: '令牌',
  required: '请先选择一个令牌。',
  search: '输入名称的一部分',
  typeInstead: '也可以直接输入编号，或输入更完整的名称。',
  notShown: (count) => `另有 ${number(count)} 个匹配的令牌未显示。`,
  none: (asked) => `您可以查看的令牌中没有名为“${asked}”的。`,
  nearest: '以下名称最接近，您指的是其中之一吗？',
  unclear: (names) => `无法确定 ${names} 指的是哪个令牌。未启动任何同步。请使用各自只对应一个令牌的名称。`,
  noneAndNothingNear: '请输入令牌名称、组织、位置或 Apple ID 的一部分，以 Intune 管理中心显示的为准。',
  deleted: (name, on) =>
    `“${name}”已于 ${on} 从 Intune 中删除。没有做任何更改。Intune 的审核日志（位于“租户管理”下）会显示是谁删除的。`,
  missing: (name, since) =>
    `自 ${since} 起，Intune 不再列出“${name}”。没有做任何更改。我会自动再次检查它是否已被删除；如需立即确认，请查看 Intune 管理中心。`,
  noTokens:
    '您没有可以查看的 Apple VPP 令牌。可能尚未在 Intune 中添加，也可能因您的作用域标记而不可见。Intune 管理员可以确认是哪一种情况。',
  numberOutside: (firstCount, lastCount) =>
    `请输入 ${number(firstCount)} 到 ${number(lastCount)} 之间的编号，或更完整的名称。`,
  cancelled: '已取消，没有做任何更改。',
  chosen: (answer) => `已回答：${answer}。`,
  applied: '已执行，进展见最新的卡片。',
};

export const errors: Texts['errors'] = {
  graph: {
    badRequest: {
      what: 'Intune 无法理解该请求。没有做任何更改。',
      cause: 'Intune 不再接受机器人的这种请求。',
      who: '此机器人的运维人员。',
      next: '请将下方的参考编号发给运维人员。',
    },
    tokenRejected: {
      what: 'Intune 拒绝了您的登录。没有做任何更改。',
      cause: '登录已过期或被撤销，或者权限是几分钟前才授予的。',
      who: '您本人。',
      next: '请输入“退出”，然后重新发起并登录。',
    },
    claimsChallenge: {
      what: 'Microsoft Graph 要求更高级别的登录验证。没有做任何更改。',
      cause: '您的登录不满足您组织的某项策略（例如条件访问）。',
      who: '您组织的 Entra 管理员。',
      next: '请重试。如果验证之后仍然出现，请将下方的参考编号提供给管理员。',
    },
    missingScope: (scopes) => ({
      what: '机器人缺少 Microsoft Graph 的一项权限。没有做任何更改。',
      cause: scopes.length === 0 ? '尚未同意该权限。' : `尚未同意 ${and(scopes)}。`,
      who: '您组织的 Entra 管理员。',
      next: '请让管理员同意此应用的权限，然后重新发起。',
    }),
    forbidden: {
      what: 'Intune 拒绝访问。没有做任何更改。',
      cause:
        '原因是以下三者之一，Intune 没有说明是哪一个：您的 Intune 角色不含托管应用权限、您的帐户没有 Intune 许可证，或您的作用域标记不含此令牌。',
      who: '您组织的 Intune 管理员。',
      next: '请让管理员依次检查您的角色、许可证和作用域标记。',
    },
    notFound: {
      what: 'Intune 中已找不到此令牌。没有做任何更改。',
      cause: '它已被删除，或者您的作用域标记现在看不到它。',
      who: '您组织的 Intune 管理员。',
      next: '请在 Intune 管理中心查找此令牌。',
    },
    conflict: {
      what: 'Intune 正在处理此令牌。',
      cause: '有同步或其他更改正在进行。',
      who: '无需处理，会自行恢复。',
      next: '请一分钟后查看其状态。',
    },
    throttled: (retryAfterMs) => ({
      what: 'Intune 暂时拒绝您组织的请求。',
      cause: '此机器人或其他工具在短时间内发出了过多请求。',
      who: '无需处理，会自行恢复。',
      next: retryAfterMs === undefined ? '请一分钟后重试。' : `请在 ${wait(retryAfterMs)}后重试。`,
    }),
    unavailable: {
      what: 'Intune 目前不可用。',
      cause: 'Intune 出现故障或正在维护。',
      who: 'Microsoft；通常会自行恢复。',
      next: '请几分钟后重试。',
    },
    timedOut: {
      what: 'Intune 没有及时响应。',
      cause: 'Intune 或中间的网络较慢。',
      who: '通常无需处理，会自行恢复。',
      next: '请几分钟后重试。',
    },
    unreadable: {
      what: '无法读取 Intune 的响应。',
      cause: '我与 Microsoft Graph 之间的其他系统（例如代理服务器）代为作出了响应。',
      who: '此机器人的运维人员。',
      next: '请重试一次；如果再次出现，请将下方的参考编号发给运维人员。',
    },
    mayHaveStarted: {
      what: 'Intune 没有确认此次同步，但同步可能已经开始。',
      cause: '请求发出后连接中断。',
      who: '通常无需处理。',
      next: '请在一分钟后查看令牌状态，再决定是否重新同步。',
    },
  },
  busy: {
    what: '机器人正忙。',
    cause: '同时使用的人较多。',
    who: '无需处理，会自行恢复。',
    next: '请稍后重试。',
  },
  storeUnavailable: {
    what: '机器人暂时无法访问其数据库。未执行任何操作。',
    cause: '数据库没有响应，或已无法写入。',
    who: '此机器人的运维人员；通常会自行恢复。',
    next: '请几分钟后重试。',
  },
  interrupted: {
    what: '我还没来得及答复就被中断了。',
    cause: '机器人在处理此请求时重新启动。它没有发起任何同步。',
    who: '无需处理，机器人已恢复运行。',
    next: '请重试。',
  },
  notAudited: {
    what: '无法记录您的请求，因此没有执行。没有发起任何操作。',
    cause: '机器人目前无法写入其数据库。',
    who: '此机器人的运维人员。',
    next: '请几分钟后重试；如果持续出现，请将下方的参考编号发给运维人员。',
  },
  unexpected: {
    what: '机器人内部出错，此操作已中断。',
    cause: '日志中有详情，参考编号见下方。',
    who: '此机器人的运维人员。',
    next: '请重试一次；如果再次出现，请将参考编号发给运维人员。',
  },
  tooLong: (limit) => `消息太长。请不要超过 ${formats['zh-CN'].number(limit)} 个字符。`,
  unknownCommand: (nearest) =>
    nearest === undefined
      ? '无法识别此命令。输入“帮助”可查看所有命令。'
      : `无法识别此命令。您是想输入“${nearest}”吗？输入“帮助”可查看所有命令。`,
};
