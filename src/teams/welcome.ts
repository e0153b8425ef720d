import { type FormerAlerts, summaryOfWelcomeCard, welcomeCard } from '../cards/welcome-card.ts';
import type { Conversations } from '../domain/alert-repositories.ts';
import {
  type ConversationKind,
  type ConversationReference,
  conversationRoot,
  type Locale,
  type Person,
} from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Background } from '../lib/worker.ts';
import type { Installation, Installations } from '../store/conversations.ts';
import { ConnectorError, type OutboundActivity, type Roster } from './connector.ts';
import type { Inbound, InboundInstallation } from './inbound.ts';
import { cardActivity, mentionOf, type Outbox } from './outbox.ts';

interface WelcomeParts {
  readonly installations: Installations;
  readonly alerts: AlertsThere;
  readonly outbox: Pick<Outbox, 'post'>;
  readonly roster: Roster;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** What a conversation was subscribed to; conversations without their thread. */
export interface AlertsThere {
  /** What was on there before the bot was removed; undefined when nothing was, or it is on. */
  findFormer(
    conversationId: string,
    where: { readonly locale: Locale; readonly conversationKind: ConversationKind },
  ): Promise<FormerAlerts | undefined>;
}

export interface Welcome {
  /** Somebody or something came into a conversation or left it, or the app was installed, brought up to date or removed. */
  onInstallation(inbound: InboundInstallation): Promise<void>;
}

/** Teams may tell of a new bot before its connector takes messages from it. */
const tryAgainAfterMs = 2_000;

/**
 * Introduces the bot once per installation and conversation, whichever of Teams' two activities comes first and however often
 * they come. Says nothing to anybody who comes later, and nothing in any other conversation. Never rejects.
 */
export function createWelcome({ installations, alerts, outbox, roster, now, wait, log }: WelcomeParts): Welcome {
  async function arrive(inbound: InboundInstallation): Promise<void> {
    const place = findPlace(inbound);
    if (!place || !(await installations.claim(place.installation, now()))) return;
    try {
      const addedBy = place.conversation.kind === 'personal' ? undefined : await findWhoAdded(inbound);
      const { kind: conversationKind } = place.conversation;
      const { locale } = inbound;
      const former = await findFormer(place, locale);
      const about = { ...(addedBy && { addedBy }), ...(former && { former }) };
      const message = welcomeMessage({ locale, conversationKind, ...about });
      await sendTwiceAtMost(() => outbox.post(place.conversation, message));
    } catch (error) {
      log.warn({ err: error }, 'a welcome could not be sent');
      if (surelyNotTaken(error)) await installations.release(place.installation);
    }
  }

  async function leave(inbound: InboundInstallation): Promise<void> {
    const place = findPlace(inbound);
    if (place) await installations.release(place.installation);
  }

  /** A welcome without it is better than none. */
  async function findFormer({ installation, conversation }: Place, locale: Locale): Promise<FormerAlerts | undefined> {
    try {
      const where = { locale, conversationKind: conversation.kind };
      const chosen = await alerts.findFormer(conversation.id, where);
      return chosen ?? (await alerts.findFormer(installation.conversationId, where));
    } catch (error) {
      log.warn({ err: error }, 'former alerts could not be looked up');
      return undefined;
    }
  }

  async function sendTwiceAtMost(send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (!surelyNotTaken(error)) throw error;
      log.info({ status: error.status, code: error.code }, 'a welcome is sent again');
      await wait(tryAgainAfterMs);
      await send();
    }
  }

  /** Teams leaves the name out of these activities, and a mention is none without it. */
  async function findWhoAdded({ by, conversation }: InboundInstallation): Promise<InboundInstallation['by']> {
    if (!by || !conversation || by.name) return by;
    const { serviceUrl, id } = conversation;
    const name = await roster.findMemberName(serviceUrl, conversationRoot(id), by.teamsId).catch(() => undefined);
    return name === undefined ? undefined : { ...by, name };
  }

  return {
    async onInstallation(inbound) {
      try {
        await (inbound.kind === 'botAdded' ? arrive(inbound) : leave(inbound));
      } catch (error) {
        log.warn({ err: error }, 'an installation could not be noted');
      }
    },
  };
}

/** Without an answer it may have been taken, and would stand there twice. */
const surelyNotTaken = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && error.reason === 'refused';

interface Place {
  readonly installation: Installation;
  /** Where the welcome goes. */
  readonly conversation: ConversationReference;
}

function findPlace({ conversation, chosenChannelId }: InboundInstallation): Place | undefined {
  if (!conversation) return undefined;
  const id = conversationRoot(conversation.id);
  return {
    installation: { tenantId: conversation.tenantId, conversationId: id },
    conversation: { ...conversation, id: chosenChannelId ?? id },
  };
}

interface WelcomeMessageData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** Who added the bot, where others are told. */
  readonly addedBy?: Pick<Person, 'teamsId' | 'name'>;
  readonly former?: FormerAlerts;
}

/** The welcome card, under a line that mentions who added the bot. One message, so that it is one notification. */
function welcomeMessage({ locale, conversationKind, addedBy, former }: WelcomeMessageData): OutboundActivity {
  const data = { locale, conversationKind, ...(former && { former }) };
  const card = cardActivity(welcomeCard(data), summaryOfWelcomeCard(data));
  if (!addedBy) return card;
  const { text, entity } = mentionOf(addedBy);
  return { ...card, text: textsFor(locale).welcome.addedBy(text), textFormat: 'xml', entities: [entity] };
}

export interface RecordConversationParts {
  readonly conversations: Pick<Conversations, 'record' | 'erase' | 'listIdsOfTeam'>;
  /** The bot was removed from a conversation: nothing more is told there, until somebody asks for it anew. */
  readonly markRemoved: (conversationId: string, at: number) => Promise<void>;
  /** Told of every conversation that something came in from, without its thread. */
  readonly onHeard: (conversationId: string) => Promise<void>;
  readonly background: Background;
  readonly now: () => number;
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * Remembers where every admitted activity came from, so that the bot can speak there by itself, at the address that Teams named last;
 * forgets it, and what was to be told there, when the bot is removed: from a team, with all its channels. Never rejects: an answer does not depend on it.
 */
export function createRecordConversation(parts: RecordConversationParts): (inbound: Inbound) => Promise<void> {
  async function leave(id: string, tenantId: string, teamId: string | undefined): Promise<void> {
    const others = teamId === undefined ? [] : await parts.conversations.listIdsOfTeam(tenantId, teamId);
    for (const left of new Set([id, ...others])) {
      await parts.markRemoved(left, parts.now());
      await parts.conversations.erase(left);
    }
  }

  async function note({ kind, conversation, person, teamId }: Inbound): Promise<void> {
    if (!conversation) return;
    const id = conversationRoot(conversation.id);
    if (kind === 'botRemoved') return leave(id, conversation.tenantId, teamId);
    const personId = conversation.kind === 'personal' ? person?.aadObjectId : undefined;
    const known = {
      reference: { ...conversation, id },
      ...(personId && { personId }),
      ...(teamId && { teamId }),
      seenAt: parts.now(),
    };
    await parts.conversations.record(known, { afresh: kind === 'botAdded' });
    parts.background.run(parts.onHeard(id));
  }

  return (inbound) =>
    note(inbound).catch((error: unknown) =>
      parts.log.warn({ err: error }, 'where an activity came from could not be noted'),
    );
}
