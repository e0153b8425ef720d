import type { Texts } from '../texts.ts';

export const thanks: Texts['thanks'] = {
  answer: '不客气。输入“列表”可查看接下来需要处理的令牌，输入“帮助”可查看所有命令。',
};
