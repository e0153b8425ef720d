import { bareWord } from '../lib/text.ts';

const yes: ReadonlySet<string> = new Set(['apply', 'yes', 'y', 'ok', '应用', '是', '确认', '好']);
const no: ReadonlySet<string> = new Set([
  ...['cancel', 'no', 'n', 'nope', 'none', 'no thanks', 'stop', 'never mind'],
  ...['取消', '否', '不', '不用', '不要', '算了', '都不是'],
]);

/** Whether a line is nothing but a yes or a no, in either language; it is never read as the beginning of a name. */
export function yesOrNo(line: string): 'yes' | 'no' | undefined {
  const said = bareWord(line);
  if (yes.has(said)) return 'yes';
  return no.has(said) ? 'no' : undefined;
}
