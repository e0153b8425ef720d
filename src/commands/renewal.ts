import { renewCard, summaryOfRenewCard } from '../cards/renew-card.ts';
import { callNameOf, tokenNames } from '../cards/token-parts.ts';
import { summaryOfVerifyCard, verifyCard } from '../cards/verify-card.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { checkRenewal, isRenewed } from '../domain/renewal.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { getVppToken } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';

/** `renew vpp contoso`: the steps of this token's renewal. Records its current dates and account for `verify`; changes nothing in Intune. */
export function createRenewCommand(services: CommandServices): Command {
  const { findToken, stores, audit, config, syncs, postPersonally } = services;
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
      // Asking again during a renewal must not record the renewed token as the one before.
      const isOver = !before || isRenewed(checkRenewal(token, before, turn.at));
      if (isOver) {
        await stores.marks.put(markOf(turn, token));
        const about = { id: token.id, name: tokenName(token) };
        await audit.record(turn, { action: 'renewMark', outcome: 'done', token: about });
      }
      const sentTo = await sendAppleId(turn, token, token.appleId, postPersonally);
      const data = {
        locale: turn.locale,
        now: turn.at,
        conversationKind: turn.conversation.kind,
        intuneUrl: config.cloud.intuneUrl,
        token,
        callName: callNameOf(token, found.tokens, turn.locale),
        ...(sentTo !== undefined && { sentTo }),
      };
      const recordId = await syncs.views.record({ conversation: turn.conversation, token });
      return { kind: 'card', card: renewCard(data), summary: summaryOfRenewCard(data), recordId };
    },
  };
}

/** `verify vpp contoso`: checks that a renewal arrived, by comparing the token with what `renew` recorded. */
export function createVerifyCommand({ findToken, stores, config, syncs, postPersonally }: CommandServices): Command {
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
      const checks = checkRenewal(token, mark, turn.at);
      const sentTo =
        checks.appleId === 'changed' ? await sendAppleId(turn, token, mark?.appleId, postPersonally) : undefined;
      const data = {
        locale: turn.locale,
        now: turn.at,
        conversationKind: turn.conversation.kind,
        intuneUrl: config.cloud.intuneUrl,
        token,
        ...(mark && { mark }),
        checks,
        callName: safeLine(callNameOf(token, found.tokens, turn.locale)),
        ...(sentTo !== undefined && { sentTo }),
      };
      const recordId = await syncs.views.record({ conversation: turn.conversation, token });
      return { kind: 'card', card: verifyCard(data), summary: summaryOfVerifyCard(data), recordId };
    },
  };
}

/**
 * Sends the whole Apple ID to the person's own chat, because a card in a shared conversation masks it and nobody can sign in with half
 * an address. Resolves to their name once it is sent. They have just read the token from Intune as themselves.
 */
async function sendAppleId(
  turn: AuthorizedTurn,
  token: VppToken,
  appleId: string | undefined,
  postPersonally: CommandServices['postPersonally'],
): Promise<string | undefined> {
  if (!appleId || turn.conversation.kind === 'personal') return undefined;
  const { title } = tokenNames(token, turn.locale);
  const text = textsFor(turn.locale).renew.wholeAppleId(title, safeLine(appleId));
  return (await postPersonally(turn, text)) ? turn.person.name : undefined;
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
