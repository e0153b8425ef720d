import type { Texts } from '../en.ts';

export const help: Texts['help'] = {
  heading: '我可以做什么',
  intro: '我负责管理您组织在 Intune 中的 Apple VPP 位置令牌，并且始终使用您本人的权限。',
  mention: '在频道或群聊中，请先 @提及我。',
  setup: '首次使用前，管理员须为整个组织批准一次此应用。',
  usage: '输入',
  summary: 'VPP Sync：我可以做什么',
  commands: {
    sync: {
      name: '同步',
      usage: '同步 contoso',
      summary: '与 Apple 同步令牌的许可证，并跟踪到结束；“同步 全部”会先给出全部令牌的计划。',
    },
    status: { name: '状态', usage: '状态 contoso', summary: '查看令牌的状态、到期日期和上次同步。' },
    list: {
      name: '列表',
      usage: '列表 即将到期',
      summary: '查看所有令牌，问题严重的在前；也可只看即将到期、失败或久未同步的。',
    },
    licenses: {
      name: '许可证',
      usage: '许可证 contoso',
      summary: '查看每个应用已用和剩余的许可证；加上“不足”只看紧缺的。',
    },
    renew: { name: '续订', usage: '续订 contoso', summary: '逐步查看如何续订令牌。' },
    verify: { name: '验证', usage: '验证 contoso', summary: '检查续订是否已生效。' },
    history: { name: '历史', usage: '历史 contoso', summary: '查看谁在何时同步过令牌，以及结果如何。' },
    alerts: { name: '提醒', usage: '提醒', summary: '查看此会话会自动收到哪些提醒，以及尚未解决的提醒。' },
    alertsOn: {
      name: '提醒 开启',
      usage: '提醒 开启 全部 即将到期',
      summary: '令牌出现问题时在这里提醒，可以是全部或某一个令牌；加上“免打扰 22:00-07:00”可设置免打扰时间。',
    },
    alertsOff: { name: '提醒 关闭', usage: '提醒 关闭', summary: '停止此处的提醒；加上名称则只停止一个令牌的提醒。' },
    signIn: { name: '登录', usage: '登录', summary: '允许我以您的身份访问 Intune。' },
    signOut: { name: '退出', usage: '退出', summary: '清除您的登录信息。' },
    whoami: { name: '我是谁', usage: '我是谁', summary: '查看您的身份以及您在 Intune 中能看到什么。' },
    doctor: { name: '诊断', usage: '诊断', summary: '检查从聊天到 Intune 的每个环节，并给出解决办法。' },
    help: { name: '帮助', usage: '帮助', summary: '查看我可以做什么。' },
  },
  nameHint: '输入名称、组织、位置或 Apple ID 的开头或完整的词即可。',
};

export const thanks: Texts['thanks'] = {
  answer: '不客气。输入“列表”可查看接下来需要处理的令牌，输入“帮助”可查看所有命令。',
};

export const welcome: Texts['welcome'] = {
  heading: '您好，我是 VPP Sync',
  addedBy: (person) => `${person} 将我添加到了这里。`,
  what: '让我同步 Intune 中的 Apple VPP 位置令牌，我会跟踪到结束，并告诉您有哪些变化。',
  rights: '我使用提问者本人的权限。您自己在 Intune 中不能做的事，我也不能做。',
  setup:
    '首次使用前，管理员须为整个组织批准一次此应用：DeviceManagementServiceConfig.ReadWrite.All 和 DeviceManagementApps.Read.All（均以提问者本人的身份）。如果尚未批准，我会提示您。',
  tryHeading: '不妨先试试',
  mention: '在这里请先 @提及我。',
  summary: 'VPP Sync 已就绪。输入“帮助”可查看所有命令。',
};
