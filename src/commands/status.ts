import type { Command } from '../dialogs/command.ts';
import type { FindToken } from '../dialogs/find-token.ts';
import { textsFor } from '../i18n/texts.ts';
import type { TokenViews } from '../sync/token-view.ts';

export interface StatusCommandParts {
  readonly findToken: FindToken;
  readonly views: TokenViews;
}

/** `status vpp contoso`: the token's state, read as the person who asks. */
export function createStatusCommand({ findToken, views }: StatusCommandParts): Command {
  return {
    name: 'status',
    words: ['status', '状态'],
    takes: 'token',
    writes: false,
    needs: 'graph',
    async run(turn, asked) {
      const { locale, conversation, person } = turn;
      const found = await findToken(turn, { command: 'status', asked, actionTitle: textsFor(locale).buttons.refresh });
      if ('reply' in found) return found.reply;
      const view = {
        locale,
        conversation,
        token: found.token,
        phase: { kind: 'state' as const },
        requestedBy: person.name,
      };
      return views.draw(view);
    },
  };
}
