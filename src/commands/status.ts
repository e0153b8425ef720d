import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { textsFor } from '../i18n/texts.ts';

/** `status vpp contoso`: the token's state, read as the person who asks. */
export function createStatusCommand({ findToken, syncs }: CommandServices): Command {
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
      return syncs.views.draw(view);
    },
  };
}
