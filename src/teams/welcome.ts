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
import { type BotMove, botMoveOf, findConversation, findPerson, type InboundActivity, localeOf } from './activity.ts';
import { ConnectorError, type OutboundActivity, type Roster } from './connector.ts';
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
  onMove(activity: InboundActivity): Promise<void>;
}

/** Teams may tell of a new bot before its connector takes messages from it. */
const tryAgainAfterMs = 2_000;

/**
 * Introduces the bot once per installation and conversation, whichever of Teams' two activities comes first and however often
 * they come. Says nothing to anybody who comes later, and nothing in any other conversation. Never rejects.
 */
export function createWelcome({ installations, alerts, outbox, roster, now, wait, log }: WelcomeParts): Welcome {
  async function arrive(activity: InboundActivity): Promise<void> {
    const place = findPlace(activity);
    if (!place || !(await installations.claim(place.installation, now()))) return;
    try {
      const addedBy = place.conversation.kind === 'personal' ? undefined : await findWhoAdded(activity);
      const { kind: conversationKind } = place.conversation;
      const locale = localeOf(activity);
      const former = await findFormer(place, locale);
      const about = { ...(addedBy && { addedBy }), ...(former && { former }) };
      const message = welcomeMessage({ locale, conversationKind, ...about });
      await sendTwiceAtMost(() => outbox.post(place.conversation, message));
    } catch (error) {
      log.warn({ err: error }, 'a welcome could not be sent');
      if (surelyNotTaken(error)) await installations.release(place.installation);
    }
  }

  async function leave(activity: InboundActivity): Promise<void> {
    const place = findPlace(activity);
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
  async function findWhoAdded({
    from,
    serviceUrl,
    conversation,
  }: InboundActivity): Promise<Pick<Person, 'teamsId' | 'name'> | undefined> {
    if (!from?.id || !serviceUrl || !conversation?.id) return undefined;
    const { id: teamsId, name } = from;
    if (name) return { teamsId, name };
    const found = await roster
      .findMemberName(serviceUrl, conversationRoot(conversation.id), teamsId)
      .catch(() => undefined);
    return found === undefined ? undefined : { teamsId, name: found };
  }

  const quietly = (work: (activity: InboundActivity) => Promise<void>) => (activity: InboundActivity) =>
    work(activity).catch((error: unknown) => log.warn({ err: error }, 'an installation could not be noted'));
  const onArrival = quietly(arrive);
  const onLeaving = quietly(leave);

  return {
    async onMove(activity) {
      const move = botMoveOf(activity);
      if (move === 'came') return onArrival(activity);
      if (move === 'left') return onLeaving(activity);
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

function findPlace(activity: InboundActivity): Place | undefined {
  const found = findConversation(activity);
  if (!found) return undefined;
  const id = conversationRoot(found.id);
  return {
    installation: { tenantId: found.tenantId, conversationId: id },
    conversation: { ...found, id: findChosenChannel(activity) ?? id },
  };
}

/** Who installs an app in a team chooses the channel in which it introduces itself. */
function findChosenChannel({ channelData }: InboundActivity): string | undefined {
  const { selectedChannel } = (channelData?.settings ?? {}) as { readonly selectedChannel?: { readonly id?: unknown } };
  const id = selectedChannel?.id;
  return channelData?.team && typeof id === 'string' && /^19:[\w-]{1,200}@thread\.[a-z0-9]+$/.test(id) ? id : undefined;
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
export function createRecordConversation(parts: RecordConversationParts): (activity: InboundActivity) => Promise<void> {
  async function leave(id: string, tenantId: string, teamId: string | undefined): Promise<void> {
    const others = teamId === undefined ? [] : await parts.conversations.listIdsOfTeam(tenantId, teamId);
    for (const left of new Set([id, ...others])) {
      await parts.markRemoved(left, parts.now());
      await parts.conversations.erase(left);
    }
  }

  async function note(activity: InboundActivity, move: BotMove | undefined): Promise<void> {
    const found = findConversation(activity);
    if (!found) return;
    const id = conversationRoot(found.id);
    const teamId = activity.channelData?.team?.id;
    if (move === 'left') return leave(id, found.tenantId, teamId);
    const personId = found.kind === 'personal' ? findPerson(activity)?.aadObjectId : undefined;
    const known = {
      reference: { ...found, id },
      ...(personId && { personId }),
      ...(teamId && { teamId }),
      seenAt: parts.now(),
    };
    await parts.conversations.record(known, { afresh: move === 'came' });
    parts.background.run(parts.onHeard(id));
  }

  return (activity) =>
    note(activity, botMoveOf(activity)).catch((error: unknown) =>
      parts.log.warn({ err: error }, 'where an activity came from could not be noted'),
    );
}
