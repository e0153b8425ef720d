import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { number } = formats['zh-CN'];

export const whoami: Texts['whoami'] = {
  heading: '我所知道的您',
  label: { teams: 'Teams 身份', signedIn: '登录身份', tenant: '组织 ID', intune: 'Intune 权限' },
  until: '有效期至',
  notSignedIn: '您尚未登录。需要登录的命令会提示您。',
  mayRead: (count) => `您可以看到 ${number(count)} 个令牌。`,
  seesNothing: 'Intune 会响应您，但没有显示任何令牌。',
  refused: (what, cause, next) => `读取令牌时：${what}${cause}${next}`,
  notAsked: '登录后才能得知。',
  tooSlow: 'Intune 没有及时响应。',
  write: '您是否也可以同步，要到实际同步时才知道：我不会为了查明而尝试任何更改。',
  summary: (name) => `${name}：我所知道的您`,
};
