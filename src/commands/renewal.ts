import { renewCard, summaryOfRenewCard } from '../cards/renew-card.ts';
import { tokenNames } from '../cards/token-names.ts';
import { summaryOfVerifyCard, verifyCard } from '../cards/verify-card.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { checkRenewal, isRenewed } from '../domain/renewal.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { getVppToken } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';

/** `renew vpp contoso`: the steps of this token's renewal; what it is now is remembered for `verify`. Changes nothing in Intune. */
export function createRenewCommand({ findToken, stores, audit, config }: CommandServices): Command {
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
      const token = await getVppToken(turn.graph, found.token.id, { beta: config.graphBeta });
      const before = await stores.marks.find(turn.session.tenantId, token.id);
      // Asking again in the midst of a renewal must not take what it has become for what it was.
      const isOver = !before || isRenewed(checkRenewal(token, before, turn.at));
      if (isOver) {
        await stores.marks.put(markOf(turn, token));
        const about = { id: token.id, name: tokenName(token) };
        await audit.record(turn, { action: 'renewMark', outcome: 'done', token: about });
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

/** `verify vpp contoso`: whether a renewal arrived, by the token read anew and what it was when `renew` was said. */
export function createVerifyCommand({ findToken, stores, config }: CommandServices): Command {
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
      const token = await getVppToken(turn.graph, found.token.id, { beta: config.graphBeta });
      const mark = await stores.marks.find(turn.session.tenantId, token.id);
      const data = {
        locale: turn.locale,
        now: turn.at,
        conversationKind: turn.conversation.kind,
        token,
        ...(mark && { mark }),
        checks: checkRenewal(token, mark, turn.at),
        callName: safeLine(callNameOf(token, found.tokens, turn)),
      };
      return { kind: 'card', card: verifyCard(data), summary: summaryOfVerifyCard(data) };
    },
  };
}
