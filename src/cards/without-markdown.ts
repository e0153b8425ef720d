const lookalikes: Readonly<Record<string, string>> = {
  '*': '∗',
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '`': '｀',
  '~': '～',
  '\\': '＼',
  _: '＿',
  '&': '＆',
};

/**
 * Plain text for the few fields that some clients read as Markdown and others do not: choice titles (Microsoft's renderer has
 * `useMarkdownInRadioButtonAndCheckbox` on) and `fallbackText`. A backslash would show in one kind of client and an HTML entity
 * in the other, so what could start Markdown is written with its lookalike, which reads the same in both.
 * An underscore between letters or digits and a lone & mean nothing to Markdown and stay. What would begin a list or heading
 * gets an invisible word joiner in front.
 */
export const withoutMarkdown = (text: string): string =>
  text
    .replace(/^(?=[#=+-]|\d+[.)])/, '\u2060')
    .replace(/[*[\]<>`~\\]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&(?=#?\w+;)/gu, (found) => lookalikes[found] ?? found);
