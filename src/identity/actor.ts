import type { Person } from '../domain/turn.ts';

/** Who a session, an assertion or a code belongs to: the conversation's tenant and the person in it, as the signed activity says. */
export type Actor = Pick<Person, 'tenantId' | 'aadObjectId'>;

/** One key per person and conversation tenant. Ids of Entra are GUIDs and mean the same in either case. */
export function actorKey(actor: Actor): string {
  return `${actor.tenantId}:${actor.aadObjectId}`.toLowerCase();
}

export function isSameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
