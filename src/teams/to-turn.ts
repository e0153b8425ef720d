import type { Turn } from '../domain/turn.ts';
import { newCorrelationId } from '../lib/ids.ts';
import { findConversation, findPerson, findTimeZoneOf, type InboundActivity, localeOf } from './inbound-activity.ts';

/** The turn that an activity begins; undefined when it does not say who speaks where: then nobody is acted for. */
export function findTurn(activity: InboundActivity, now: number): Turn | undefined {
  const person = findPerson(activity);
  const conversation = findConversation(activity);
  if (!person || !conversation) return undefined;
  const timeZone = findTimeZoneOf(activity);
  return {
    person,
    conversation,
    locale: localeOf(activity),
    at: now,
    correlationId: newCorrelationId(),
    ...(activity.type === 'message' && activity.id && { messageId: activity.id }),
    ...(activity.name === 'adaptiveCard/action' && activity.replyToId && { cardId: activity.replyToId }),
    ...(timeZone && { timeZone }),
  };
}
