import type { Audit } from '../audit/audit.ts';
import { renewCard, summaryOfRenewCard } from '../cards/renew-card.ts';
import { tokenNames } from '../cards/token-names.ts';
import type { FindToken } from '../dialogs/find-token.ts';
import { resolveToken } from '../dialogs/resolve-token.ts';
import { checkRenewal, isRenewed } from '../domain/renewal.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { getVppToken } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import type { RenewalMarks } from '../store/small-tables.ts';
import type { AuthorizedTurn, Command } from './command.ts';

export interface RenewCommandParts {
  readonly findToken: FindToken;
  readonly marks: RenewalMarks;
  readonly audit: Pick<Audit, 'note'>;
  readonly beta: boolean;
}

/** `renew vpp contoso`: the steps of this token's renewal; what it is now is remembered for `verify`. Changes nothing in Intune. */
export function createRenewCommand({ findToken, marks, audit, beta }: RenewCommandParts): Command {
  return {
    name: 'renew',
    words: ['renew', '续订'],
    takes: 'token',
    writes: false,
    needs: 'graph',
    async run(turn, asked) {
      const { buttons } = textsFor(turn.locale);
      const found = await findToken(turn, { command: 'renew', asked, actionTitle: buttons.renew });
      if ('reply' in found) return found.reply;
      const token = await getVppToken(turn.graph, found.token.id, { beta });
      const before = await marks.find(turn.session.tenantId, token.id);
      // Asking again in the midst of a renewal must not take what it has become for what it was.
      const isOver = !before || isRenewed(checkRenewal(token, before, turn.at));
      if (isOver) {
        await marks.put(markOf(turn, token));
        const about = { id: token.id, name: tokenName(token) };
        await audit.note(turn, { action: 'renewMark', outcome: 'done', token: about });
      }
      const data = {
        locale: turn.locale,
        now: turn.at,
        conversationKind: turn.conversation.kind,
        token,
        callName: callNameOf(token, found.tokens, turn),
      };
      return { kind: 'card', card: renewCard(data), summary: summaryOfRenewCard(data) };
    },
  };
}

function markOf(turn: AuthorizedTurn, token: VppToken) {
  const { expirationDateTime, appleId, organizationName } = token;
  return {
    tenantId: turn.session.tenantId,
    tokenId: token.id,
    markedAt: turn.at,
    ...(expirationDateTime && { expirationDateTime }),
    ...(appleId && { appleId }),
    ...(organizationName && { organizationName }),
  };
}

/** What one can type to mean this token and no other: its title where that does, else its id. */
export function callNameOf(token: VppToken, tokens: readonly VppToken[], { locale }: Pick<AuthorizedTurn, 'locale'>) {
  const { title } = tokenNames(token, locale);
  const meant = resolveToken(title, tokens);
  return meant.kind === 'one' && meant.token.id === token.id ? title : token.id;
}
