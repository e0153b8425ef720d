import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { type DestinationStream, type LoggerOptions, pino } from 'pino';
import { conversationRoot } from '../domain/turn.ts';
import { remember } from '../lib/remember.ts';
import type { Log } from '../lib/runtime.ts';
import { type LogId, safeFields } from './log-redaction.ts';

/**
 * JSON lines on stdout with time, message and fields. Whatever is passed in, no token, secret, body, typed text, name, or id of a
 * person or a conversation gets through: log-redaction.ts lets only harmless values pass.
 * `logId` replaces the ids of people and conversations; by default with a key that ends with the process.
 */
export function createLog(
  level: string,
  logId: LogId = createLogId(() => randomBytes(32)),
  out: DestinationStream = pino.destination(1),
): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => safeFields(fields, logId),
    },
    // The formatter above has described errors already.
    serializers: { err: (described) => described },
    hooks: {
      // Without a message of ours, pino would log the error's own message.
      logMethod([first, second], method) {
        if (typeof first === 'string') method.call(this, first);
        else method.call(this, Object(first) as object, typeof second === 'string' ? second : 'without a message');
      },
    },
  };
  return pino(options, out);
}

/** Those who are active within minutes. */
const mostLogIds = 2_000;

/**
 * A short keyed hash: equal for equal ids, in any case and for any thread of a conversation, and meaningless without the key. `getKey`
 * is called at the first id.
 */
export function createLogId(getKey: () => Buffer): LogId {
  let key: KeyObject | undefined;
  return remember(mostLogIds, (id) => {
    key ??= createSecretKey(getKey());
    const meant = conversationRoot(id.trim()).toLowerCase();
    return `#${createHmac('sha256', key).update(meant).digest('hex').slice(0, 12)}`;
  });
}
