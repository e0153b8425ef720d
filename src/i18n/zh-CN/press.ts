import type { Texts } from '../texts.ts';

export const press: Texts['press'] = {
  unknown: '此按钮已失效。请重新发起以获取新卡片。',
  used: '此按钮已使用过。请重新发起以获取新卡片。',
  expired: '此按钮已过期。请重新发起以获取新卡片。',
  somebodyElses: (person) => `此操作仅供 ${person} 使用。请自行发起以获取您自己的卡片。`,
  notYours: '此操作仅供发起人使用。请自行发起以获取您自己的卡片。',
  notManual: '未执行任何操作：只有手动按下按钮才会执行。',
  working: '正在处理，结果会显示在这里。',
  otherConversation: '此按钮属于另一个会话。请在这里重新发起以获取新卡片。',
};
