import { createHash } from 'node:crypto';
import type { InboundActivity } from './inbound-activity.ts';

/**
 * What makes an activity one: its conversation and id. A card action that is sent again with a sign-in's proof is another
 * one than the action it follows. Undefined for an activity without an id, which cannot be told from another.
 */
export function repeatKey(activity: InboundActivity): string | undefined {
  const { id, conversation, value } = activity;
  if (!id || !conversation?.id) return undefined;
  const { authentication, state } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const proof = authentication ? 'token' : state ? 'code' : '';
  return createHash('sha256')
    .update(JSON.stringify([conversation.id, id, activity.type, proof]))
    .digest('base64url');
}
