import type { Texts } from '../en.ts';
import { formats } from '../formats.ts';

const { number } = formats['zh-CN'];

export const commands = {
  alertsSettings: {
    name: '提醒 设置',
    usage: '提醒 设置',
    summary: '用表单更改此处的提醒：令牌、事件、免打扰时段、周报。',
  },
} satisfies Partial<Texts['commands']>;

const unchanged = '没有做任何更改。';

export const alertSettings: Texts['alertSettings'] = {
  heading: '提醒设置',
  label: {
    tokens: '令牌',
    add: '按名称添加令牌',
    events: '提醒内容',
    quiet: '免打扰',
    from: '免打扰开始',
    until: '免打扰结束',
    zone: '时区',
    weekly: '周报',
  },
  all: '全部令牌，包括以后添加的',
  unshown: (count) => `另有 ${number(count)} 个令牌保持不变。要移除其中一个，请输入“提醒 关闭”和名称。`,
  names: '名称或 ID，用逗号分隔',
  quietOn: '免打扰时段结束后再发送非严重提醒',
  weeklyOn: '每周一 08:00',
  refused: {
    allAndOthers: (label) => `${label}：请选择全部令牌或单个令牌，不能同时选择。${unchanged}`,
    noTokens: (label) => `${label}：请至少选择一个。要停止此处的提醒，请输入“提醒 关闭”。${unchanged}`,
    hidden: (label) =>
      `${label}：Intune 不向您显示其中一个令牌。请取消选择，或输入“提醒 设置”获取新的表单。${unchanged}`,
    several: (label, asked, count) =>
      `${label}：“${asked}”匹配 ${number(count)} 个令牌。请写出更完整的名称。${unchanged}`,
    noName: (label, asked) => `${label}：您看不到名为“${asked}”的令牌。请检查拼写。${unchanged}`,
    noEvents: (label) => `${label}：请至少选择一项。要停止此处的提醒，请输入“提醒 关闭”。${unchanged}`,
    noTime: (label) => `${label}：请填写时间，例如 22:00，或关闭免打扰。${unchanged}`,
    sameTime: (label) => `${label}：开始和结束时间不能相同。${unchanged}`,
    noZone: (label, said) => `${label}：我不认识“${said}”。请写成 Europe/Berlin 或 Asia/Shanghai 的形式。${unchanged}`,
    nearZone: (label, said, near) => `${label}：“${said}”本身不是时区。您是指 ${near} 吗？${unchanged}`,
  },
};
