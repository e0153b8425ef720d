import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { number } = formats['zh-CN'];
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
  allTokens: '组织的所有令牌，包括以后添加的',
  someTokens: tokens,
  moreTokens: (count) => `另有 ${number(count)} 个`,
  goneTokens: (count) => `${number(count)} 个已不在 Intune 中`,
  everyEvent: '出现的任何问题',
  alwaysBroken: '以及监控自身中断',
  quiet: (from, to) => `${from} 至 ${to}，但严重的会立即提醒`,
  noQuiet: '无',
  zone: {
    said: (zone) => `${zone}（您指定的）`,
    kept: (zone) => `${zone}（已设置）`,
    client: (zone) => `${zone}（来自您的 Teams）`,
    none: (zone) => `${zone}（Teams 没有提供您的时区；可输入“提醒 开启 时区”加时区名称，例如 Asia/Shanghai）`,
  },
  weeklyOn: '每周一 08:00',
  off: '关闭',
  nothingOpen: '无',
  suspended: (code) => `Teams 没有接受我发送到这里的内容（${code}）。输入“提醒 开启”可重新开始。`,
  partial: (count) => `这些提醒涵盖您可以看到的 ${tokens(count)}。组织中还有 Intune 对您隐藏的其他令牌。`,
  unknownExtent: (count) =>
    `这些提醒涵盖您可以看到的 ${tokens(count)}。我自己尚未查看过您组织的令牌：请几分钟后再次输入“提醒 开启”，以涵盖以后添加的令牌。`,
  narrowed: '此前涵盖所有令牌。输入“提醒 开启 全部”可恢复。',
  replaced: (count) => `此前涵盖 ${tokens(count)}。`,
  added: (name) => `现在也涵盖 ${name}。`,
  already: (name) => `此前已涵盖 ${name}。`,
  eventsOfAll: (count) => `您选择的提醒内容适用于这里的全部 ${tokens(count)}。`,
  eventsKept: '提醒的事件仍是之前选择的。输入“提醒 开启 全部事件”可接收所有提醒。',
  hidden: (person) =>
    `这些提醒由 ${person} 设置，也涵盖 Intune 对您隐藏的令牌，因此我没有更改。如要换成您自己的，请先输入“提醒 关闭”。`,
  otherOrganisation: (person) =>
    `这些提醒由 ${person} 为另一个组织设置，因此我没有更改。如要换成您自己的，请先输入“提醒 关闭”。`,
  follows: (count) => `已有 ${number(count)} 条未解决的提醒，随后会发送卡片。`,
  weeklyToo: '同时会发送周报。输入“提醒 开启 不要周报”可不接收。',
  weeklyShared: '周报只发送到个人聊天。',
  monitorOff: '监控已关闭，因此不会有提醒。运维人员可以将 MONITOR 设为 on。',
  change: {
    what: '如要更改，请输入“提醒 开启”，加上令牌名称或“全部”，以及提醒内容：即将到期、已过期、无效、其他MDM、重复、失败、卡住、久未同步、许可证。与这些词相同的名称请加引号。',
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
      `请只说“全部”或一个令牌名称：我同时读到了“全部”和“${said}”。与命令用词相同的名称请加引号。没有做任何更改。`,
    twoNames: (said, other) =>
      `我读到了两个名称：“${said}”和“${other}”。请一次只说一个；如果是同一个名称，请加引号。没有做任何更改。`,
    noHours:
      '请在“免打扰”后给出时间，例如“免打扰 22:00-07:00”，或“免打扰 关闭”。以此开头的令牌名称请加引号。没有做任何更改。',
    sameHours: '免打扰的开始和结束时间相同。请给出两个不同的时间。没有做任何更改。',
    noZone: (said) =>
      `“${said}”不是我知道的时区。请使用“Asia/Shanghai”或“Europe/Berlin”这样的名称；令牌名称请放在“免打扰”之前。没有做任何更改。`,
    nearZone: (said, near) => `“${said}”本身不是时区名称。您是指“${near}”吗？没有做任何更改。`,
  },
  again: {
    heading: '在我被移除之前，这里开启了提醒',
    what: (person) => `由 ${person} 设置，现在已关闭。如要恢复，请输入：`,
    more: (count) => `此前共涵盖 ${tokens(count)}；输入“提醒 开启”可涵盖您能看到的全部令牌。`,
  },
};
