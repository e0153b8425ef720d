import { reminderCard, summaryOfReminderCard } from '../cards/reminder-card.ts';
import { tokenNames } from '../cards/token-parts.ts';
import type { AlertRepositories } from '../domain/alert-repositories.ts';
import { checkRenewal, findEnd, type Renewal, type RenewalEnd, type RenewalNotice } from '../domain/renewal.ts';
import { isLater } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import { type Locale, SendingError } from '../domain/turn.ts';
import { formats } from '../i18n/formats.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { retryDelayMs } from '../lib/retry.ts';
import type { Runtime } from '../lib/runtime.ts';
import { findInstant } from '../lib/time.ts';
import { createWorkerLoop } from '../lib/worker.ts';
import type { CardMessenger } from '../sync/card-messenger.ts';
import type { TokenViews } from '../sync/token-view.ts';
import type { AlertMessenger } from './alert-messenger.ts';
import type { createGetPersonalChat } from './personal-chat.ts';

type RenewalRepositories = Pick<AlertRepositories, 'renewals' | 'renewalNotices'>;

/**
 * Looks for the renewals under way whose new date these tokens show, and queues one line about each to whoever started it. To be called
 * in the transaction that stores the reading.
 */
export async function announceRenewals(
  repositories: RenewalRepositories,
  tenantId: string,
  tokens: readonly VppToken[],
  now: number,
): Promise<void> {
  const underWay = await repositories.renewals.listUnderWay(tenantId);
  if (underWay.length === 0) return;
  const seen = new Map(tokens.map((token) => [token.id, token]));
  for (const renewal of underWay) {
    const token = seen.get(renewal.tokenId);
    const end = token && findEnd(checkRenewal(token, renewal, now));
    if (token && end) await announceRenewal(repositories, renewal, { token, end, now });
  }
}

/** Queues one line about the renewal's end to whoever started it, where they started it; once, whoever sees the end first. */
export async function announceRenewal(
  { renewals, renewalNotices }: RenewalRepositories,
  renewal: Renewal,
  { token, end, now }: { readonly token: VppToken; readonly end: RenewalEnd; readonly now: number },
): Promise<void> {
  if (!(await renewals.announce(renewal, end))) return;
  const { tenantId, person, conversation, locale } = renewal;
  await renewalNotices.add({
    id: newOpaqueId(),
    kind: end,
    tenantId,
    token,
    person,
    conversation,
    locale,
    dueAt: now,
    attempts: 0,
  });
}

interface RenewalNotifierParts {
  readonly runtime: Runtime;
  readonly repositories: Pick<AlertRepositories, 'renewalNotices' | 'snapshots'>;
  readonly getPersonalChat: ReturnType<typeof createGetPersonalChat>;
  readonly messenger: Pick<AlertMessenger, 'post' | 'reply'> & Pick<CardMessenger, 'mention'>;
  readonly views: Pick<TokenViews, 'record'>;
}

/** Other processes may queue notices, and reminders fall due. */
const pollEveryMs = 5_000;
const mostAttempts = 30;

/** Posts what is due about renewals, each by one process. */
export function createRenewalNotifier(parts: RenewalNotifierParts) {
  const { runtime, repositories, getPersonalChat, messenger, views } = parts;
  const { renewalNotices, snapshots } = repositories;
  const { now, wait, random, log } = runtime;

  async function isNeeded({ kind, tenantId, token }: RenewalNotice): Promise<boolean> {
    if (kind !== 'reminder') return true;
    const seen = (await snapshots.listOfTenant(tenantId)).find(({ token: { id } }) => id === token.id);
    return !isLater(seen?.token.expirationDateTime, token.expirationDateTime);
  }

  async function post({ kind, person, conversation, token, locale }: RenewalNotice): Promise<void> {
    if (kind === 'reminder') {
      const chat = await getPersonalChat(person, conversation);
      const { timeZone } = person;
      const recordId = await views.record({ conversation: chat, token });
      const data = { locale, now: now(), timeZone, token, recordId };
      await messenger.post(chat, { card: reminderCard(data), summary: summaryOfReminderCard(data) });
      return;
    }
    const text = endLine(kind, token, locale);
    if (conversation.kind !== 'personal') return messenger.mention(conversation, person, text);
    return messenger.reply(conversation, conversation.id, text);
  }

  async function deliver(notice: RenewalNotice): Promise<void> {
    const { id, attempts } = notice;
    if (!(await isNeeded(notice))) {
      await renewalNotices.take(id);
      return;
    }
    if (!(await renewalNotices.take(id))) return;
    try {
      await post(notice);
    } catch (error) {
      const isPassing = error instanceof SendingError && error.fault === 'passing' && !error.mayBeTaken;
      log.warn({ err: error, attempts, retried: isPassing }, 'a message about a renewal could not be posted');
      if (!isPassing || attempts >= mostAttempts) return;
      const dueAt = now() + retryDelayMs(attempts, error.retryAfterMs, random);
      await renewalNotices.add({ ...notice, attempts: attempts + 1, dueAt });
    }
  }

  return createWorkerLoop({
    async pass() {
      for (const notice of await renewalNotices.listDue(now())) await deliver(notice);
      return pollEveryMs;
    },
    wait,
    onFailure: (error) => log.error({ err: error }, 'posting messages about renewals failed; it is retried'),
  });
}

function endLine(end: RenewalEnd, token: VppToken, locale: Locale): string {
  const expiresAt = findInstant(token.expirationDateTime);
  const { title } = tokenNames(token, locale);
  return textsFor(locale).renew.ended[end](title, expiresAt === undefined ? '' : formats[locale].date(expiresAt));
}
