import { createHmac, randomBytes } from 'node:crypto';
import { type DestinationStream, type LoggerOptions, pino } from 'pino';
import { conversationRoot } from '../domain/turn.ts';
import type { Log } from '../lib/runtime.ts';
import { type LogId, safeFields } from './log-redaction.ts';

/**
 * JSON lines on stdout, with the time, a message and fields. Whatever is handed in, no token, secret, body or typed text stands in
 * them, no name and no id of a person or a conversation: `log-fields.ts` and `log-error.ts` let through what is known to be harmless.
 * `logId` stands for people and conversations; unless given, with a key that ends with the process.
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
    // Errors are described by then.
    serializers: { err: (described) => described },
    hooks: {
      // Without a message of the code's own, pino would take the error's.
      logMethod([first, second], method) {
        if (typeof first === 'string') method.call(this, first);
        else method.call(this, Object(first) as object, typeof second === 'string' ? second : 'without a message');
      },
    },
  };
  return pino(options, out);
}

/**
 * A short keyed hash: the same for the same id, whatever its case and whichever thread of a conversation it names, and nothing to
 * whoever has no key. The key is asked for at the first id.
 */
export function createLogId(getKey: () => Buffer): LogId {
  let key: Buffer | undefined;
  return (id) => {
    key ??= getKey();
    const meant = conversationRoot(id.trim()).toLowerCase();
    return `#${createHmac('sha256', key).update(meant).digest('hex').slice(0, 12)}`;
  };
}
