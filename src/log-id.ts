import { createHmac } from 'node:crypto';
import { withoutThread } from './domain/turn.ts';

/** What stands in the log in place of an id of a person or a conversation. */
export type LogId = (id: string) => string;

/**
 * A short keyed hash: the same for the same id, whatever its case and whichever thread of a conversation it names, and nothing to
 * whoever has no key. The key is asked for at the first id.
 */
export function createLogId(getKey: () => Buffer): LogId {
  let key: Buffer | undefined;
  return (id) => {
    key ??= getKey();
    const meant = withoutThread(id.trim()).toLowerCase();
    return `#${createHmac('sha256', key).update(meant).digest('hex').slice(0, 12)}`;
  };
}
