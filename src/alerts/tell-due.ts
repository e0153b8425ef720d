import { listCovered } from '../domain/alert-repositories.ts';
import type { AlertDelivery } from '../domain/subscription.ts';
import { SendingError } from '../domain/turn.ts';
import { createEditMessages, isDrawn } from './edit-messages.ts';
import { planTelling, type Work } from './plan-telling.ts';
import { createTellAloud } from './tell-aloud.ts';
import type { TellingParts, TellingPlace } from './telling-place.ts';

export interface TellDue {
  /** Does part of what is due: everything that is told aloud, else some edits. What is left is still due. */
  tell(place: TellingPlace, due: readonly AlertDelivery[]): Promise<void>;
  /** Shows on messages that stand there already what will be told aloud when quiet hours end. Tried once. */
  editHeld(place: TellingPlace, held: readonly AlertDelivery[]): Promise<void>;
}

/** Edits are paced, so alerts are read anew after so many. */
const mostEditsAtOnce = 20;

export function createTellDue(parts: TellingParts): TellDue {
  const { deliveries, messages, now, log } = parts;
  const edits = createEditMessages(parts);
  const tellAloud = createTellAloud(parts, edits);

  async function plan({ subscription }: TellingPlace, due: readonly AlertDelivery[]) {
    const ids = [...new Set(due.flatMap(({ body }) => (body.kind === 'alert' ? [body.alertId] : [])))];
    const covered = await listCovered(parts.alerts, subscription, ids);
    const alerts = new Map(covered.map((alert) => [alert.id, alert]));
    return planTelling(due, alerts, await messages.listShowing(subscription.id, ids));
  }

  async function settle(ids: readonly string[], outcome: 'sent' | 'dropped'): Promise<void> {
    if (ids.length === 0) return;
    await deliveries.settle(ids, outcome, now());
    parts.onOutcome(outcome, ids.length);
  }

  /** What passes through quiet hours tells an alert as it is now: what is held of it has nothing to add in the morning. */
  async function settleHeldOf({ subscription }: TellingPlace, works: readonly Work[]): Promise<void> {
    const told = new Set(works.map(({ alert }) => alert.id));
    const held = await deliveries.listHeld(subscription.id, now());
    const said = held.filter(({ body, attempts }) => attempts === 0 && body.kind === 'alert' && told.has(body.alertId));
    await settle(
      said.map(({ id }) => id),
      'sent',
    );
  }

  async function tellWeekly(place: TellingPlace, id: string): Promise<void> {
    const poster = await parts.drawWeekly(place);
    try {
      await place.send((signal) => parts.wall.post(place.conversation, poster, signal));
      await settle([id], 'sent');
    } catch (error) {
      if (!(error instanceof SendingError) || error.fault === 'passing' || error.fault === 'closed') throw error;
      log.error({ err: error, subscriptionId: place.subscription.id }, 'Teams refuses a weekly digest; it is dropped');
      await settle([id], 'dropped');
    }
  }

  return {
    async tell(place, due) {
      const planned = await plan(place, due);
      await settle(planned.nothing, 'sent');
      await settle(planned.lost, 'dropped');
      const weekly = due.filter(({ body }) => body.kind === 'weekly');
      for (const step of planned.aloud) {
        await tellAloud(place, step);
        await settleHeldOf(place, step.works);
      }
      for (const { id } of weekly) await tellWeekly(place, id);
      if (planned.aloud.length + weekly.length === 0)
        await edits.editAll(place, planned.edits.slice(0, mostEditsAtOnce));
    },
    async editHeld(place, held) {
      const { aloud, edits: silent } = await plan(place, held);
      const works = [...aloud.flatMap((step) => step.works), ...silent];
      for (const [message, alert] of works.flatMap((work) => work.shown.map((each) => [each, work.alert] as const))) {
        if (isDrawn(place, message, alert)) continue;
        try {
          await edits.edit(place, message);
        } catch (error) {
          if (!(error instanceof SendingError) || error.fault === 'closed') throw error;
          log.info(
            { err: error, subscriptionId: place.subscription.id },
            'an alert is not edited before quiet hours end',
          );
        }
      }
      await deliveries.markEdited(held.map(({ id }) => id));
    },
  };
}
