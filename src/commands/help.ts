import { type HelpTopic, helpCard, suggestionsIn, summaryOfHelpCard } from '../cards/help-card.ts';
import type { Command } from '../dialogs/command.ts';
import { isTargeted, type Turn, textReply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';

/** `help`, and every greeting: everything people can say. `help sync` explains one command. */
export function createHelpCommand(): Command {
  return {
    name: 'help',
    words: ['help', 'hi', 'hello', 'hey', '帮助', '你好'],
    takes: 'words',
    writes: false,
    needs: 'nothing',
    async run(turn, about) {
      const topic = findTopic(turn, about);
      const { kind } = turn.conversation;
      const data = {
        locale: turn.locale,
        conversationKind: kind,
        isTargeted: isTargeted(turn.conversation),
        ...(topic && { topic }),
      };
      return {
        kind: 'card',
        card: helpCard(data),
        summary: summaryOfHelpCard(data),
        ...(kind === 'personal' && { suggestions: suggestionsIn(turn.locale) }),
      };
    },
  };
}

function findTopic({ locale }: Turn, about: string): HelpTopic | undefined {
  const topics = Object.entries(textsFor(locale).commands) as [HelpTopic, { readonly name: string }][];
  return topics.find(([key, { name }]) => [key.toLowerCase(), name].includes(about.toLowerCase()))?.[0];
}

/** `thanks`: a friendly word and what may come next. In no menu, because nobody needs to know it. */
export function createThanksCommand(): Command {
  return {
    name: 'thanks',
    words: ['thanks', 'thank you', 'thx', '谢谢'],
    takes: 'words',
    writes: false,
    isSmallTalk: true,
    needs: 'nothing',
    async run({ locale }) {
      return textReply(textsFor(locale).thanks.answer);
    },
  };
}
