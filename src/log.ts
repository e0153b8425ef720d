import { type Logger, pino } from 'pino';

export type Log = Logger;

/** JSON lines on stdout, with the time, a message and fields that hold no token, no message text and no names. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
