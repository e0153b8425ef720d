import { GraphError } from './errors.ts';

/** Whether Graph could have given this id: letters, digits, dot, dash and underscore, at most 128, and no dots alone. */
export function isPlausibleId(id: string): boolean {
  return /^[A-Za-z0-9._-]{1,128}$/.test(id) && !/^\.+$/.test(id);
}

/** The id as a path segment. An implausible one is refused as `badRequest` before anything is sent. */
export function toPathSegment(id: string): string {
  if (!isPlausibleId(id)) throw new GraphError('badRequest', { clientRequestId: 'not sent' });
  return encodeURIComponent(id);
}
