import { suggestionsIn } from '../cards/help-card.ts';
import { type FormerAlerts, summaryOfWelcomeCard, welcomeCard } from '../cards/welcome-card.ts';
import { type ConversationKind, type ConversationReference, conversationRoot, type Locale } from '../domain/turn.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Installation, Installations } from '../store/conversations.ts';
import type { Connector, OutboundActivity } from './connector.ts';
import { ConnectorError } from './connector-error.ts';
import type { InboundInstallation } from './inbound.ts';
import type { Outbox } from './outbox.ts';
import { cardMessage } from './outbox.ts';

interface WelcomeParts {
  readonly installations: Installations;
  readonly alerts: AlertsThere;
  readonly outbox: Outbox;
  readonly connector: Connector;
  readonly runtime: Runtime;
}

export interface AlertsThere {
  /** The alerts that were on in a conversation before the bot was removed; undefined when none were, or they are on. */
  findFormer(
    conversationId: string,
    where: { readonly locale: Locale; readonly conversationKind: ConversationKind },
  ): Promise<FormerAlerts | undefined>;
}

/** Teams may report a new bot before its connector accepts messages from it. */
const retryAfterMs = 2_000;

/**
 * Introduces the bot once per installation and conversation, whichever of Teams' two activities comes first and however often. Says
 * nothing to members who come later. Never rejects.
 */
export function createWelcome(parts: WelcomeParts): (inbound: InboundInstallation) => Promise<void> {
  const { installations, alerts, outbox, connector, runtime } = parts;
  const { now, wait, log } = runtime;

  async function welcome(inbound: InboundInstallation, { installation, conversation }: Place): Promise<void> {
    if (!(await installations.claim(installation, now()))) return;
    try {
      const addedBy = conversation.kind === 'personal' ? undefined : await findAddedBy(inbound);
      const { locale } = inbound;
      const former = await findFormer(installation, conversation, locale);
      const data = {
        locale,
        conversationKind: conversation.kind,
        ...(addedBy?.name && { addedBy }),
        ...(former && { former }),
      };
      const suggestions = conversation.kind === 'personal' ? suggestionsIn(locale) : [];
      await postTwiceAtMost(conversation, cardMessage(welcomeCard(data), summaryOfWelcomeCard(data), suggestions));
    } catch (error) {
      log.warn({ err: error }, 'a welcome could not be sent');
      const { tenantId, conversationId } = installation;
      if (isRefused(error)) await installations.release({ tenantId, conversationId });
    }
  }

  /** Teams leaves the name out of these activities, and a mention needs it. */
  async function findAddedBy({ by, conversation }: InboundInstallation): Promise<InboundInstallation['by']> {
    if (!by || !conversation || by.name) return by;
    const root = { ...conversation, id: conversationRoot(conversation.id) };
    const name = await connector.findMemberName(root, by.teamsId).catch(() => undefined);
    return name === undefined ? undefined : { ...by, name };
  }

  /** A welcome without former alerts is better than none. */
  async function findFormer(
    { conversationId }: Installation,
    { id, kind }: ConversationReference,
    locale: Locale,
  ): Promise<FormerAlerts | undefined> {
    try {
      const where = { locale, conversationKind: kind };
      return (await alerts.findFormer(id, where)) ?? (await alerts.findFormer(conversationId, where));
    } catch (error) {
      log.warn({ err: error }, 'former alerts could not be read');
      return undefined;
    }
  }

  async function postTwiceAtMost(conversation: ConversationReference, message: OutboundActivity): Promise<void> {
    try {
      await outbox.post(conversation, message);
    } catch (error) {
      if (!isRefused(error)) throw error;
      log.info({ status: error.status, code: error.code }, 'a welcome is sent again');
      await wait(retryAfterMs);
      await outbox.post(conversation, message);
    }
  }

  return async (inbound) => {
    const place = findPlace(inbound);
    if (!place) return;
    try {
      if (inbound.kind === 'botAdded') await welcome(inbound, place);
      else await installations.release(place.installation);
    } catch (error) {
      log.warn({ err: error }, 'an installation could not be recorded');
    }
  };
}

/** Without an answer Teams may have accepted the welcome, so only a refused one is sent again. */
const isRefused = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && error.reason === 'refused';

interface Place {
  readonly installation: Installation;
  /** The conversation that the welcome goes to. */
  readonly conversation: ConversationReference;
}

function findPlace({ conversation, teamId, chosenChannelId }: InboundInstallation): Place | undefined {
  if (!conversation) return undefined;
  const id = conversationRoot(conversation.id);
  return {
    installation: { tenantId: conversation.tenantId, conversationId: id, ...(teamId !== undefined && { teamId }) },
    conversation: { ...conversation, id: chosenChannelId ?? id },
  };
}
