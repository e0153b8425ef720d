import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { number } = formats['zh-CN'];

export const resolve: Texts['resolve'] = {
  which: (asked, count) => `“${asked}”与 ${number(count)} 个令牌匹配。您指的是哪一个？`,
  whichOfAll: (count) => `您指的是这 ${number(count)} 个令牌中的哪一个？`,
  label: '令牌',
  required: '请先选择一个令牌。',
  typeInstead: '也可以直接输入编号，或输入更完整的名称。',
  notShown: (count) => `另有 ${number(count)} 个匹配的令牌未显示。`,
  none: (asked) => `您可以查看的令牌中没有名为“${asked}”的。`,
  nearest: '以下名称最接近，是其中之一吗？',
  noneAndNothingNear: '请输入令牌名称、组织、位置或 Apple ID 的一部分，以 Intune 管理中心显示的为准。',
  noTokens:
    '没有您可以查看的 Apple VPP 令牌。可能尚未在 Intune 中添加令牌，也可能被您的作用域标记隐藏。Intune 管理员可以确认是哪一种情况。',
  numberOutside: (count) => `请输入 1 到 ${number(count)} 之间的编号，或更完整的名称。`,
  cancelled: '已取消，没有做任何更改。',
  gone: (name) => `${name} 已不在 Intune 中。没有做任何更改。`,
};
