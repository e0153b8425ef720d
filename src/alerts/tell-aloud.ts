import type { AlertMessage, Told } from '../domain/alert-repositories.ts';
import { SendingError } from '../domain/turn.ts';
import { type EditMessages, revisionsOf } from './edit-messages.ts';
import type { AloudStep, Work } from './plan-telling.ts';
import type { TellingParts, TellingPlace } from './telling-place.ts';

/** Waits before what Teams has taken is tried to be remembered again. */
const rememberAgainMs = [500, 2_000] as const;

/** Tells one step aloud, and remembers it right after. What is left to edit stays due, as an edit. */
export type TellAloud = (place: TellingPlace, step: AloudStep) => Promise<void>;

/**
 * Delivery is at least once: when the process ends between Teams' answer and the one transaction that remembers it, or the store
 * is away for longer than this keeps trying, the message is sent again by whoever comes next.
 */
export function createTellAloud(parts: TellingParts, { edit, forget }: EditMessages): TellAloud {
  const { deliveries, wall, draw, now, wait, log } = parts;

  async function post(
    place: TellingPlace,
    step: Exclude<AloudStep, { kind: 'line' }>,
  ): Promise<readonly AlertMessage[]> {
    const { subscription, conversation } = place;
    const { locale, id: subscriptionId } = subscription;
    const { works } = step;
    const poster =
      step.kind === 'card'
        ? await draw.single({ alert: step.works[0].alert, locale, conversation })
        : draw.digest({
            ...{ locale, now: now(), conversationKind: conversation.kind, why: step.why },
            entries: works.map(({ alert, event }) => ({ alert, ...(event && { event }) })),
          });
    const posted = await place.send((signal) => wall.post(conversation, poster, signal));
    if (!posted) return [];
    place.drawn.set(posted.messageId, revisionsOf(works.map(({ alert }) => alert)));
    const how = step.kind === 'card' ? { shared: false } : { shared: true, why: step.why };
    return works.map(({ alert }) => ({ subscriptionId, alertId: alert.id, ...posted, ...how, at: now() }));
  }

  async function answer(place: TellingPlace, { on, works }: Extract<AloudStep, { kind: 'line' }>): Promise<void> {
    await edit(place, on);
    const { locale } = place.subscription;
    const events = works.flatMap(({ alert, event }) => (event ? [{ kind: event, alert }] : []));
    const text = draw.lines({ locale, now: now(), events });
    await place.send((signal) => wall.reply(place.conversation, on.threadId, text, signal));
  }

  async function remember(told: Parameters<Told['keep']>[0]): Promise<void> {
    for (const againMs of rememberAgainMs) {
      try {
        return await parts.told.keep(told);
      } catch (error) {
        log.warn({ err: error }, 'what Teams was told could not be remembered; it is tried again');
        await wait(againMs);
      }
    }
    await parts.told.keep(told);
  }

  return async (place, step) => {
    const isOther = ({ messageId }: AlertMessage) => step.kind !== 'line' || messageId !== step.on.messageId;
    const leavesEdits = ({ shown }: Work) => shown.some(isOther);
    const idsOf = (works: readonly Work[]) => works.flatMap(({ deliveryIds }) => deliveryIds);
    const done = idsOf(step.works.filter((work) => !leavesEdits(work)));
    const toEdit = idsOf(step.works.filter(leavesEdits));
    try {
      const messages = step.kind === 'line' ? await answer(place, step).then(() => []) : await post(place, step);
      await remember({ messages, sent: done, toEdit, at: now() });
      parts.onOutcome('sent', done.length);
    } catch (error) {
      if (!(error instanceof SendingError)) throw error;
      if (error.fault === 'messageGone' && step.kind === 'line') return forget(place, step.on.messageId, step.works);
      if (error.fault === 'passing' || error.fault === 'closed') throw error;
      const fields = { err: error, subscriptionId: place.subscription.id, deliveries: done.length };
      log.error(fields, 'Teams refuses to take an alert; it is dropped');
      await deliveries.settle(done, 'dropped', now());
      await deliveries.retell(toEdit, 'changed');
      parts.onOutcome('dropped', done.length);
    }
  };
}
