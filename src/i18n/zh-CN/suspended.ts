import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { date, number } = formats['zh-CN'];
const which = (since: number, tokens: number | undefined) =>
  `这些提醒自 ${date(since)} 起开启，涉及${tokens === undefined ? '全部令牌' : ` ${number(tokens)} 个令牌`}。`;

export const suspended: Texts['suspended'] = {
  channel: (code, since, tokens) =>
    `您在某个团队频道中开启的提醒已停止：Teams 不再接受我在那里发送的消息（${code}）。${which(since, tokens)}请将我重新添加到该团队，或在该频道中提及我，提醒会带着所有未解决的问题继续。`,
  groupChat: (code, since, tokens) =>
    `您在某个群聊中开启的提醒已停止：Teams 不再接受我在那里发送的消息（${code}）。${which(since, tokens)}请将我重新添加到该群聊，或在其中提及我，提醒会带着所有未解决的问题继续。`,
};
