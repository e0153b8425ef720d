import { summaryOfVerifyCard, verifyCard } from '../cards/verify-card.ts';
import type { FindToken } from '../dialogs/find-token.ts';
import { checkRenewal } from '../domain/renewal.ts';
import { getVppToken } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import type { RenewalMarks } from '../store/small-tables.ts';
import type { Command } from './command.ts';
import { callNameOf } from './renew.ts';

export interface VerifyCommandParts {
  readonly findToken: FindToken;
  readonly marks: RenewalMarks;
  readonly beta: boolean;
}

/** `verify vpp contoso`: whether a renewal arrived, by the token read anew and what it was when `renew` was said. */
export function createVerifyCommand({ findToken, marks, beta }: VerifyCommandParts): Command {
  return {
    name: 'verify',
    words: ['verify', '验证'],
    takes: 'token',
    writes: false,
    needs: 'graph',
    async run(turn, asked) {
      const { verify } = textsFor(turn.locale);
      const found = await findToken(turn, { command: 'verify', asked, actionTitle: verify.actionTitle });
      if ('reply' in found) return found.reply;
      const token = await getVppToken(turn.graph, found.token.id, { beta });
      const mark = await marks.find(turn.session.tenantId, token.id);
      const data = {
        locale: turn.locale,
        now: turn.at,
        conversationKind: turn.conversation.kind,
        token,
        ...(mark && { mark }),
        checks: checkRenewal(token, mark, turn.at),
        callName: plain(callNameOf(token, found.tokens, turn)),
      };
      return { kind: 'card', card: verifyCard(data), summary: summaryOfVerifyCard(data) };
    },
  };
}
