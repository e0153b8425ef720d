import type { Texts } from '../en.ts';

export const commands = {
  help: {
    name: '帮助',
    usage: '帮助',
    summary: '查看我可以做什么。',
    menu: '查看 VPP Sync 可以做什么',
  },
} satisfies Partial<Texts['commands']>;

export const help: Texts['help'] = {
  heading: '我可以做什么',
  intro: '我为您的组织同步并监控 Intune 中的 Apple VPP 位置令牌，始终使用您本人的权限。',
  group: { tokens: '令牌', upkeep: '续订与历史', alerts: '提醒', you: '您的登录', bot: '关于我' },
  mention: '在频道或群聊中，请先 @提及我。',
  setup: '首次使用前，管理员须为整个组织批准一次此应用。',
  summary: 'VPP Sync：我可以做什么',
  nameHint: '输入名称、组织、位置或 Apple ID 的开头或完整的词即可。',
};

export const thanks: Texts['thanks'] = {
  answer: '不客气。输入“列表”可查看接下来需要处理的令牌，输入“帮助”可查看所有命令。',
};

export const welcome: Texts['welcome'] = {
  heading: '您好，我是 VPP Sync',
  addedBy: (person) => `${person} 将我添加到了这里。`,
  what: '您可以让我同步 Intune 中的 Apple VPP 位置令牌。我会跟踪同步，并显示有哪些变化。',
  rights: '我使用您本人的权限：您在 Intune 中不能做的事，我也不能做。',
  setup: '首次使用前，管理员须为整个组织批准一次此应用。如果尚未批准，我会提示您。',
  tryHeading: '不妨先试试',
  mention: '在这里请先 @提及我。',
  summary: 'VPP Sync 已就绪。输入“帮助”可查看所有命令。',
};
