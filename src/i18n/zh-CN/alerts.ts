import type { Texts } from '../en.ts';
import { formats, roughly } from '../formats.ts';

const { date, days, number } = formats['zh-CN'];

export const commands = {
  alerts: {
    name: '提醒',
    usage: '提醒',
    summary: '查看此会话会自动收到哪些提醒，以及尚未解决的提醒。',
    menu: '查看此处会自动收到的提醒；用“提醒 开启”“提醒 关闭”更改',
  },
  alertsOn: {
    name: '提醒 开启',
    usage: '提醒 开启 全部 即将到期',
    summary: '令牌或推送证书出现问题时在这里提醒，可以是全部或其中一个；加上“免打扰 22:00-07:00”可设置免打扰时间。',
  },
  alertsOff: {
    name: '提醒 关闭',
    usage: '提醒 关闭',
    summary: '停止此处的提醒；加上名称则只停止一个令牌的提醒。',
  },
} satisfies Partial<Texts['commands']>;

const long = (ms: number) => roughly(ms, 'zh-CN');

export const alert: Texts['alert'] = {
  severity: { critical: '严重', warning: '警告', info: '提示' },
  name: {
    tokenDeleted: '令牌已删除',
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
    tokenDeleted: '令牌已从 Intune 中删除',
    expired: '令牌已过期',
    invalid: 'Apple 不再接受此令牌',
    assignedToExternalMDM: '另一个 MDM 正在使用此令牌的位置',
    duplicateLocationId: '另有一个令牌对应同一个位置',
    expiring: (count) => (count === 0 ? '不到 1 天后到期' : `${days(count)}后到期`),
    expiringSoon: '即将到期',
    syncFailed: '上次同步失败',
    syncStuck: (ms) => (ms === undefined ? '同步似乎卡住了' : `同步似乎卡住了，已持续 ${long(ms)}`),
    syncStale: (ms) => `已有 ${long(ms)}没有完成同步`,
    licensesLow: (count) => `${number(count)} 个应用的许可证即将用完`,
    licensesRunOut: (count, withinDays) =>
      count === 1
        ? `1 个应用的许可证约 ${days(withinDays)}后用完`
        : `${number(count)} 个应用的许可证即将用完，最早的约 ${days(withinDays)}后用完`,
    licensesUsedUp: (count) => `${number(count)} 个应用的许可证已用完`,
    brokenTokens: '我无法读取您组织的令牌',
    brokenLicenses: '我无法读取您组织的许可证',
    allGone: 'Intune 不再列出您组织的任何令牌',
  },
  monitoring: '监控',
  monitoringMeans: {
    tokens: '修复之前，令牌即将出现问题时不会有人收到提醒。',
    licenses: '修复之前，许可证即将用完时不会有人收到提醒。其他情况仍在监控。',
  },
  deletedMeans: 'Intune 已同时删除它的应用及其分配。已分配的许可证在 Apple 仍为已分配状态，Intune 无法再收回。',
  advice: {
    tokenDeleted: {
      cause: '有人或脚本删除了它。Intune 的审核日志（位于“租户管理”下）会显示是谁删除的。',
      next: '如果是有意删除，请确认此提醒。如果不是，请使用来自 Apple 的新文件重新添加令牌，然后重新分配其应用。',
    },
    syncStuck: {
      cause: 'Intune 很少需要这么久，可能出现了故障。',
      next: '请再次同步。如果仍然卡住，请查看 Intune 的服务运行状况。',
    },
    syncStale: {
      cause: 'Intune 每天会自动同步每个令牌一次。可能有什么阻止了同步，或者每次都失败了。',
      next: '请立即同步，看看是否成功。',
    },
    licenses: {
      cause: '使用中的许可证已接近购买的数量。',
      next: '请向 Apple 购买更多许可证后再同步，或收回不再需要的许可证。',
    },
    licensesRunOut: {
      cause: '许可证的使用量在持续增加。按最近四周的速度，届时将全部用完。',
      next: '请向 Apple 购买更多许可证后再同步，或收回不再需要的许可证。',
    },
  },
  broken: {
    forbidden: {
      text: '尽管已同意权限，Intune 仍拒绝我自身的读取请求。',
      fix: '请检查您的组织是否仍有 Intune 许可证，并重新同意此应用的应用程序权限。',
    },
    tokenRejected: {
      text: 'Microsoft Graph 拒绝了我自身的登录。',
      fix: '请运维人员查看日志；您组织的策略可能阻止了应用。',
    },
    throttled: {
      text: 'Microsoft 暂时拒绝请求：此机器人或其他工具在短时间内发出了过多请求。',
      fix: '无需操作，我会继续尝试。',
    },
    unavailable: {
      text: 'Microsoft Entra 或 Intune 没有响应。',
      fix: '暂时无需操作，我会继续尝试。如果持续出现，请运维人员检查网络和 Microsoft 的服务运行状况。',
    },
    unreadable: {
      text: '我与 Microsoft 之间的其他系统（例如代理服务器）代为作出了响应。',
      fix: '请运维人员检查网络。',
    },
    allGone: {
      text: 'Intune 之前列出过令牌，现在一个也没有。可能是全部被删除了，也可能是 Intune 出现故障。',
      fix: '请在 Intune 管理中心查看令牌是否还在。如果不在，Intune 的审核日志（位于“租户管理”下）会显示是谁删除的。',
    },
    unexpected: { text: '机器人内部出错，详情见日志。', fix: '请运维人员查看日志。' },
  },
  ended: {
    resolved: (ms) => `已解决，持续了 ${long(ms)}`,
    deleted: (ms) => `已结束，持续了 ${long(ms)}：已从 Intune 中删除`,
    superseded: (ms) => `已结束，持续了 ${long(ms)}：已被更严重的提醒取代`,
  },
  isOnIt: (person) => `${person} 正在处理`,
  snoozedUntil: '已推迟，直到',
  was: (name) => `原问题：${name}`,
  label: {
    noticed: '发现时间',
    since: '开始时间',
    acknowledgedBy: '确认人',
    snoozedBy: '推迟人',
    code: '代码',
    snoozeFor: '推迟时间',
  },
  until: '直到',
  apps: '许可证紧缺的应用',
  moreApps: (count) => `另有 ${number(count)} 个；点击令牌卡片上的“许可证”可查看`,
  snoozeFor: { one: days(1), three: days(3) },
  line: {
    opened: (name, what) => `新提醒：${name}。${what}。`,
    escalated: (name, what) => `更加紧急：${name}。${what}。`,
    needsFix: (name, what, cause, who) => `更加紧急：${name}。${what}，且不会自行恢复。${cause}谁可以解决：${who}`,
    reminded: (name, what) => `仍未解决：${name}。${what}。`,
    cameBack: (name, what) => `再次出现：${name}。${what}。`,
    alreadyOpen: (name, what) => `已存在的提醒：${name}。${what}。`,
    returned: (name, what) => `再次打开：${name}。${what}。`,
    changed: (name, what) => `有变化：${name}。${what}。`,
    resolved: (name, was, ms) => `已解决（持续了 ${long(ms)}）：${name}。原问题：${was}。`,
    deleted: (name, was) => `已从 Intune 中删除：${name}。原问题：${was}。`,
    superseded: (name, was) => `已被更严重的问题取代：${name}。原问题：${was}。`,
  },
  moreLines: (count) => `另有 ${number(count)} 条。`,
  answer: {
    acknowledged: (name, what) => `您已确认：${name}。${what}。能看到此提醒的人都会知道由您处理。`,
    taken: (person) => `${person} 已确认过此提醒。没有做任何更改。`,
    takenByYou: '您已确认过此提醒。没有做任何更改。',
    undone: (name, what) => `已撤销：${name}。${what}。能看到此提醒的人都会看到已撤销。`,
    notTaken: '没有人确认或推迟过此提醒。没有做任何更改。',
    snoozed: (name, count) => `已推迟 ${days(count)}：${name}。如果在此之前变得更严重，我会立即提醒。`,
    ended: '此提醒已经结束。没有做任何更改。',
    expired: '令牌已过期的提醒不能推迟。请点击“确认”，表示您正在处理。没有做任何更改。',
    deleted: '此提醒的令牌已从 Intune 中删除，提醒已经结束。没有做任何更改。',
    gone: '此提醒已不再保留。没有做任何更改。',
    otherTenant: '此提醒不属于您登录的组织。没有做任何更改。',
    noToken: '此提醒不针对某一个令牌，因此无法执行此操作。',
    busy: '此提醒正在更新，因此未执行任何操作。请重试。',
  },
};

const tokens = (count: number) => `${number(count)} 个令牌`;

export const alerts: Texts['alerts'] = {
  actionTitle: { on: '开启提醒', off: '关闭提醒' },
  heading: { on: '提醒已开启', changed: '提醒已更改', shown: '此处的提醒' },
  summary: (heading, what) => `${heading}：${what}`,
  label: {
    tokens: '令牌',
    events: '提醒内容',
    quiet: '免打扰时间',
    zone: '时区',
    weekly: '周报',
    by: '设置人',
    open: '未解决',
    suspended: '已停止',
  },
  allTokens: '组织的所有令牌和推送证书，包括以后添加的',
  someTokens: tokens,
  moreTokens: (count) => `另有 ${number(count)} 个`,
  goneTokens: (count) => `${number(count)} 个已不在 Intune 中`,
  everyEvent: '出现的任何问题',
  alwaysBroken: '以及令牌被删除或监控自身中断',
  quiet: (from, to) => `${from} 至 ${to}，严重的提醒除外`,
  noQuiet: '无',
  zone: {
    said: (zone) => `${zone}（您指定的）`,
    kept: (zone) => `${zone}（已设置）`,
    client: (zone) => `${zone}（来自您的 Teams）`,
    none: (zone) => `${zone}（Teams 没有提供您的时区；可输入“提醒 开启 时区”加时区名称，例如 Asia/Shanghai）`,
  },
  weeklyOn: '每周一 08:00',
  off: '关闭',
  suspended: (code) => `Teams 拒绝了我在这里发送的消息（${code}）。输入“提醒 开启”可重新开始。`,
  partial: (count) => `这些提醒涵盖您可以看到的 ${tokens(count)}。组织中的其他令牌，Intune 没有向您显示。`,
  unknownExtent: (count) =>
    `这些提醒涵盖您可以看到的 ${tokens(count)}。我尚未读取过您组织的令牌：请几分钟后再次输入“提醒 开启”，以涵盖以后添加的令牌。`,
  narrowed: '此前涵盖所有令牌。输入“提醒 开启 全部”可恢复。',
  former: (which, events, words) =>
    `此前涵盖：${which}。提醒内容：${events}。${words === '' ? '' : `如要恢复，请输入${words}。`}`,
  leftOut: (count) => `这些令牌还有 ${number(count)} 条未解决的提醒不在您选择的范围内。`,
  added: (name) => `现在也涵盖 ${name}。`,
  already: (name) => `此前已涵盖 ${name}。`,
  eventsOfAll: (count) => `您选择的提醒内容适用于这里的全部 ${tokens(count)}。`,
  eventsKept: '提醒内容保持不变。输入“提醒 开启 全部事件”可接收所有提醒。',
  hidden: (person) =>
    `这些提醒由 ${person} 设置，也涵盖 Intune 对您隐藏的令牌，因此我没有更改。如要换成您自己的，请先输入“提醒 关闭”。`,
  otherOrganisation: (person) =>
    `这些提醒由 ${person} 为另一个组织设置，因此我没有更改。如要换成您自己的，请先输入“提醒 关闭”。`,
  follows: (count) => `已有 ${number(count)} 条未解决的提醒，随后会发送卡片。`,
  weeklyToo: '同时会发送周报。输入“提醒 开启 不要周报”可不接收。',
  weeklyShared: '周报只发送到个人聊天。',
  monitorOff: '监控已关闭，因此不会有提醒。运维人员可以将 MONITOR 设为 on。',
  change: {
    what: '如要更改，请输入“提醒 开启”，加上令牌名称或“全部”，以及提醒内容：即将到期、已过期、无效、其他MDM、重复、失败、卡住、久未同步、许可证、已删除。与这些词相同的名称请加引号。',
    quiet: '也可输入“提醒 开启 免打扰 22:00-07:00 Asia/Shanghai”、“提醒 开启 免打扰 关闭”；输入“提醒 关闭”可停止提醒。',
    weekly: '还可输入“提醒 开启 周报”或“提醒 开启 不要周报”。',
  },
  none: '此处没有开启提醒。输入“提醒 开启”，您可以看到的任何令牌出现问题时都会提醒；“提醒 开启 contoso”只针对一个令牌；“提醒 开启 全部 即将到期 失败”只提醒部分内容。',
  unknown: (asked) =>
    `无法理解这里的“${asked}”。输入“提醒”查看此处的提醒，“提醒 开启”在出现问题时接收提醒，“提醒 关闭”停止提醒。`,
  ended: (person) => `${person} 已关闭提醒，这里不会再有提醒。输入“提醒 开启”可重新开启。`,
  endedOwn: '提醒已关闭，这里不会再有提醒。输入“提醒 开启”可重新开启。',
  notOn: '此处没有开启提醒，没有做任何更改。',
  takenOut: (name, count) => `不再涵盖 ${name}，仍涵盖 ${tokens(count)}。`,
  takenOutBy: (person, name, count) => `${person} 已将 ${name} 移出此处的提醒，仍涵盖 ${tokens(count)}。`,
  notInList: (asked) => `这里涵盖的令牌中没有名为“${asked}”的。没有做任何更改。`,
  oneOfAll: (asked) =>
    `这些提醒涵盖所有令牌，无法单独去掉“${asked}”。请先输入“提醒 关闭”，再为每个需要的令牌输入“提醒 开启”和名称。没有做任何更改。`,
  problem: {
    twoTargets: (said) =>
      `请只输入“全部”或一个令牌名称：现在同时有“全部”和“${said}”。与命令用词相同的名称请加引号。没有做任何更改。`,
    twoNames: (said, other) =>
      `有两个名称：“${said}”和“${other}”。请一次只输入一个；如果是同一个名称，请加引号。没有做任何更改。`,
    noHours:
      '请在“免打扰”后给出时间，例如“免打扰 22:00-07:00”，或“免打扰 关闭”。以此开头的令牌名称请加引号。没有做任何更改。',
    sameHours: '免打扰的开始和结束时间相同。请给出两个不同的时间。没有做任何更改。',
    noZone: (said) =>
      `“${said}”不是我知道的时区。请使用“Asia/Shanghai”或“Europe/Berlin”这样的名称；令牌名称请放在“免打扰”之前。没有做任何更改。`,
    nearZone: (said, near) => `“${said}”不是完整的时区名称。您是指“${near}”吗？没有做任何更改。`,
  },
  again: {
    heading: '在我被移除之前，这里开启了提醒',
    what: (person) => `由 ${person} 设置，现在已关闭。如要恢复，请输入：`,
    more: (count) => `此前共涵盖 ${tokens(count)}；输入“提醒 开启”可涵盖您能看到的全部令牌。`,
  },
};

export const digest: Texts['digest'] = {
  heading: {
    alreadyOpen: (count) => `${number(count)} 条未解决的提醒`,
    burst: (count) => `同时出现 ${number(count)} 条提醒`,
    morning: (count) => `免打扰期间出现 ${number(count)} 条提醒`,
  },
  openEarlier: (count) => `当时有 ${number(count)} 条未解决的提醒`,
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
    noTokens: '此聊天中已没有要监控的令牌。',
    openHeading: (count) => `未解决的提醒：${number(count)} 条`,
    noneOpen: '没有未解决的提醒',
    expiryHeading: (count) => `${number(count)} 个令牌在 60 天内到期`,
    noneExpires: '没有令牌在 60 天内到期',
    runsOutHeading: (count) => `${number(count)} 个应用的许可证将在 14 天内用完`,
    syncs: {
      line: (counts) => `最近 7 天的同步：${counts}`,
      completed: (count) => `${number(count)} 次完成`,
      failed: (count) => `${number(count)} 次失败`,
      stuck: (count) => `${number(count)} 次卡住`,
      noResult: (count) => `${number(count)} 次没有结果`,
    },
    more: (count) => `另有 ${number(count)} 个`,
    hint: '输入“列表”查看所有令牌。输入“提醒 开启 不要周报”可停止此周报。',
    hintShared: '输入“列表”查看所有令牌。',
  },
};

const which = (since: number, tokens: number | undefined) =>
  `这些提醒自 ${date(since)} 起开启，涉及${tokens === undefined ? '全部令牌' : ` ${number(tokens)} 个令牌`}。`;

export const suspended: Texts['suspended'] = {
  channel: (code, since, tokens) =>
    `您在某个团队频道中开启的提醒已停止：Teams 不再接受我在那里发送的消息（${code}）。${which(since, tokens)}请将我重新添加到该团队，或在该频道中提及我，提醒会带着所有未解决的问题继续。`,
  groupChat: (code, since, tokens) =>
    `您在某个群聊中开启的提醒已停止：Teams 不再接受我在那里发送的消息（${code}）。${which(since, tokens)}请将我重新添加到该群聊，或在其中提及我，提醒会带着所有未解决的问题继续。`,
};
