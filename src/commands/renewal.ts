import { announceRenewal } from '../alerts/renewals.ts';
import { renewCard, summaryOfRenewCard } from '../cards/renew-card.ts';
import { callNameOf, tokenNames } from '../cards/token-parts.ts';
import { summaryOfVerifyCard, verifyCard } from '../cards/verify-card.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { checkRenewal, findEnd } from '../domain/renewal.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { conversationRoot, type Reply, requesterOf, textReply } from '../domain/turn.ts';
import { getConnector } from '../graph/connectors.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { safeLine } from '../lib/text.ts';
import { dayMs } from '../lib/time.ts';

/** `renew vpp contoso`: the steps of this token's renewal. Changes nothing, and begins no renewal. */
export function createRenewCommand(services: CommandServices): Command {
  const { findToken, postPersonally } = services;
  const draw = createDrawSteps(services);
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
      const token = await getConnector(turn.graph, found.token.id, { beta: services.config.graphBeta });
      const sentTo = await sendAppleId(turn, token, token.appleId, postPersonally);
      return draw(turn, { token, tokens: found.tokens, ...(sentTo !== undefined && { sentTo }) });
    },
  };
}

/**
 * `renewal started contoso`, the button "I have started": stores the token as it is, to compare it with later, and who is notified where
 * of the new date. While a renewal is under way it goes on as it is.
 */
export function createStartRenewalCommand(services: CommandServices): Command {
  const { findToken, stores, audit, config } = services;
  const draw = createDrawSteps(services);
  return {
    name: 'startRenewal',
    words: ['renewal started', '已开始续订'],
    takes: 'token',
    isOfCards: true,
    writes: false,
    audits: 'renewStart',
    needs: 'graph',
    async run(turn, asked) {
      const { buttons } = textsFor(turn.locale).renew;
      const found = await findToken(turn, { command: 'startRenewal', asked, actionTitle: buttons.start });
      if ('reply' in found) return found.reply;
      const token = await getConnector(turn.graph, found.token.id, { beta: config.graphBeta });
      const { tenantId } = turn.session;
      await endIfArrived(services, turn, token);
      const { expirationDateTime, appleId, organizationName } = token;
      const isStarted = await stores.renewals.start({
        tenantId,
        tokenId: token.id,
        startedAt: turn.at,
        person: turn.person,
        conversation: turn.conversation,
        locale: turn.locale,
        ...(expirationDateTime && { expirationDateTime }),
        ...(appleId && { appleId }),
        ...(organizationName && { organizationName }),
      });
      const about = { id: token.id, name: tokenName(token) };
      if (isStarted) await audit.record(turn, { action: 'renewStart', outcome: 'done', token: about });
      return draw(turn, { token, tokens: found.tokens });
    },
  };
}

/** `renewal reminder contoso`, the button "Remind me tomorrow": a card in the person's own chat, a day later. */
export function createRemindRenewalCommand({ findToken, stores, postPersonally }: CommandServices): Command {
  return {
    name: 'remindRenewal',
    words: ['renewal reminder', '续订提醒'],
    takes: 'token',
    isOfCards: true,
    writes: false,
    needs: 'graph',
    async run(turn, asked) {
      const { renew } = textsFor(turn.locale);
      const found = await findToken(turn, { command: 'remindRenewal', asked, actionTitle: renew.buttons.remind });
      if ('reply' in found) return found.reply;
      const { token, tokens } = found;
      const { title } = tokenNames(token, turn.locale);
      // Tomorrow nobody is there to be asked for a chat of their own.
      const isReachable =
        turn.conversation.kind === 'personal' || (await postPersonally(turn, renew.reminderSetHere(title)));
      if (!isReachable) return textReply(renew.reminderWhere(callNameOf(token, tokens, turn.locale)));
      await stores.renewalNotices.add({
        id: newOpaqueId(),
        kind: 'reminder',
        tenantId: turn.session.tenantId,
        token,
        person: requesterOf(turn),
        conversation: turn.conversation,
        locale: turn.locale,
        dueAt: turn.at + dayMs,
        attempts: 0,
      });
      return textReply(renew.reminderSet(title));
    },
  };
}

/** `verify vpp contoso`: checks that a renewal arrived, by comparing the token with what it was when the renewal was started. */
export function createVerifyCommand(services: CommandServices): Command {
  const { findToken, stores, config, syncs, postPersonally } = services;
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
      const token = await getConnector(turn.graph, found.token.id, { beta: config.graphBeta });
      const before = await stores.renewals.find(turn.session.tenantId, token.id);
      const checks = checkRenewal(token, before, turn.at);
      await endIfArrived(services, turn, token);
      const sentTo =
        checks.appleId === 'changed' ? await sendAppleId(turn, token, before?.appleId, postPersonally) : undefined;
      const data = {
        locale: turn.locale,
        now: turn.at,
        timeZone: turn.timeZone,
        conversationKind: turn.conversation.kind,
        intuneUrl: config.cloud.intuneUrl,
        token,
        ...(before && { before }),
        checks,
        callName: safeLine(callNameOf(token, found.tokens, turn.locale)),
        ...(sentTo !== undefined && { sentTo }),
        recordId: await syncs.views.record({ conversation: turn.conversation, token }),
      };
      const { recordId } = data;
      return { kind: 'card', card: verifyCard(data), summary: summaryOfVerifyCard(data), recordId };
    },
  };
}

interface Steps {
  readonly token: VppToken;
  /** All tokens that the person may see. */
  readonly tokens: readonly VppToken[];
  readonly sentTo?: string;
}

function createDrawSteps({ stores, config, syncs }: CommandServices) {
  return async (turn: AuthorizedTurn, { token, tokens, sentTo }: Steps): Promise<Reply> => {
    const { locale, conversation, session, at: now, timeZone } = turn;
    const renewal = await stores.renewals.find(session.tenantId, token.id);
    const isUnderWay =
      renewal && renewal.announced !== 'renewed' && findEnd(checkRenewal(token, renewal, now)) !== 'renewed';
    const recordId = await syncs.views.record({ conversation, token });
    const data = {
      locale,
      now,
      timeZone,
      conversationKind: conversation.kind,
      intuneUrl: config.cloud.intuneUrl,
      token,
      callName: callNameOf(token, tokens, locale),
      ...(sentTo !== undefined && { sentTo }),
      ...(isUnderWay && { renewal }),
      isWatched: config.monitor,
      recordId,
    };
    return { kind: 'card', card: renewCard(data), summary: summaryOfRenewCard(data), recordId };
  };
}

/**
 * Ends a renewal whose new date the person has just read, as monitoring would. Whoever started it is notified, unless it is they who read
 * the date where they would be.
 */
async function endIfArrived({ stores }: CommandServices, turn: AuthorizedTurn, token: VppToken): Promise<void> {
  const renewal = await stores.renewals.find(turn.session.tenantId, token.id);
  const end = renewal && findEnd(checkRenewal(token, renewal, turn.at));
  if (!renewal || !end) return;
  const { person, conversation } = renewal;
  const isTheirs =
    person.aadObjectId === turn.person.aadObjectId &&
    conversationRoot(conversation.id) === conversationRoot(turn.conversation.id);
  if (isTheirs) await stores.renewals.announce(renewal, end);
  else await announceRenewal(stores, renewal, { token, end, now: turn.at });
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
