import type { Alert } from '../domain/alert.ts';
import { type AlertMessage, listCovered } from '../domain/alert-repositories.ts';
import { SendingError } from '../domain/turn.ts';
import type { Work } from './plan-telling.ts';
import type { TellingParts, TellingPlace } from './telling-place.ts';
import type { Poster } from './wall.ts';

export interface EditMessages {
  /** Writes a message anew as its alerts are now. False when Teams will never take it; that is logged. */
  edit(place: TellingPlace, message: AlertMessage): Promise<boolean>;
  /** Edits whatever shows these alerts, and settles their deliveries. Stops early when a message is gone: what is due has changed then. */
  editAll(place: TellingPlace, works: readonly Work[]): Promise<void>;
  /** A message is gone. Alerts that nothing shows any more are posted anew while they are open. */
  forget(place: TellingPlace, messageId: string, works: readonly Work[]): Promise<void>;
}

export function createEditMessages(parts: TellingParts): EditMessages {
  const { alerts, deliveries, messages, wall, draw, now, log } = parts;

  function drawAnew(
    { subscription, conversation }: TellingPlace,
    { shared, why }: AlertMessage,
    shown: Shown,
  ): Promise<Poster> {
    const { locale } = subscription;
    if (!shared) return draw.single({ alert: shown[0], locale, conversation });
    const entries = shown.map((alert) => ({ alert }));
    const { kind: conversationKind } = conversation;
    return Promise.resolve(draw.digest({ locale, now: now(), conversationKind, why: why ?? 'burst', entries }));
  }

  async function edit(place: TellingPlace, message: AlertMessage): Promise<boolean> {
    const { threadId, messageId } = message;
    const on = await messages.listOn(place.subscription.id, messageId);
    const ids = on.map(({ alertId }) => alertId);
    const [first, ...others] = await listCovered(alerts, place.subscription, ids);
    if (!first) return true;
    const shown: Shown = [first, ...others];
    const poster = await drawAnew(place, message, shown);
    place.drawn.set(messageId, revisionsOf(shown));
    try {
      await place.send((signal) => wall.edit(place.conversation, threadId, messageId, poster, signal));
      return true;
    } catch (error) {
      if (!(error instanceof SendingError) || error.fault !== 'refused') throw error;
      log.error({ err: error, subscriptionId: place.subscription.id }, 'Teams refuses an edit of an alert');
      return false;
    }
  }

  async function settle(ids: readonly string[], outcome: 'sent' | 'dropped'): Promise<void> {
    await deliveries.settle(ids, outcome, now());
    parts.onOutcome(outcome, ids.length);
  }

  async function forget({ subscription }: TellingPlace, messageId: string, works: readonly Work[]): Promise<void> {
    await messages.forget(subscription.id, messageId);
    log.info({ subscriptionId: subscription.id }, 'a message that showed alerts is gone');
    const bare = works.filter(({ shown }) => shown.length > 0 && shown.every((each) => each.messageId === messageId));
    const idsOf = (list: readonly Work[]) => list.flatMap(({ deliveryIds }) => deliveryIds);
    const isOpen = ({ alert }: Work) => alert.endedAt === undefined;
    await settle(idsOf(bare.filter((work) => !isOpen(work))), 'sent');
    await deliveries.retell(idsOf(bare.filter(isOpen)), 'opened');
  }

  return {
    edit,
    forget,
    async editAll(place, works) {
      const refused = new Set<string>();
      for (const { alert, shown, deliveryIds } of works) {
        for (const message of shown) {
          if (isDrawn(place, message, alert)) continue;
          try {
            if (!(await edit(place, message))) refused.add(message.messageId);
          } catch (error) {
            if (!(error instanceof SendingError) || error.fault !== 'messageGone') throw error;
            return forget(place, message.messageId, works);
          }
        }
        await settle(deliveryIds, shown.some(({ messageId }) => refused.has(messageId)) ? 'dropped' : 'sent');
      }
    },
  };
}

type Shown = readonly [Alert, ...Alert[]];

export const revisionsOf = (alerts: readonly Alert[]): ReadonlyMap<string, number> =>
  new Map(alerts.map(({ id, revision }) => [id, revision]));

/** Whether this turn has drawn the message with that alert as it is now. */
export const isDrawn = ({ drawn }: TellingPlace, { messageId }: AlertMessage, { id, revision }: Alert) =>
  (drawn.get(messageId)?.get(id) ?? -1) >= revision;
