import type { Texts } from '../texts.ts';

export const buttons: Texts['buttons'] = {
  syncNow: '立即同步',
  refresh: '刷新',
  licences: '许可证',
  renew: '续订',
  history: '历史',
  continue: '继续',
  signIn: '登录',
  apply: '应用',
  cancel: '取消',
  acknowledge: '确认',
  snooze: '稍后提醒',
};
