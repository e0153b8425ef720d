import { textsFor } from '../i18n/texts.ts';
import type { Command } from './command.ts';

/** `thanks`: a friendly word and what may come next. It stands in no menu: nobody needs to be told of it. */
export function createThanksCommand(): Command {
  return {
    name: 'thanks',
    words: ['thanks', 'thank you', 'thx', '谢谢'],
    takes: 'words',
    writes: false,
    isSmallTalk: true,
    needs: 'nothing',
    async run({ locale }) {
      return { kind: 'text', text: textsFor(locale).thanks.answer };
    },
  };
}
