import { type App, createApp } from './app.ts';
import { describeConfig, readConfig } from './config.ts';
import { createDeriveKey, keyPurposes } from './identity/keys.ts';
import { createRuntime } from './lib/runtime.ts';
import { createLog, createLogId } from './telemetry/log.ts';

const stopWithinMs = 9_000;

const read = readConfig(process.env);
if ('problems' in read) {
  process.stderr.write(`${read.problems.join('\n')}\n`);
  process.exit(1);
}

const { config } = read;
const logId = createLogId(() => createDeriveKey(config)(keyPurposes.logIds));
const log = createLog(config.logLevel, logId);

process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'uncaught exception');
  process.exit(1);
});

let app: App | undefined;
let stopping = false;

function stop(signal: string): void {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  if (!app) process.exit(0);
  setTimeout(() => {
    log.warn({}, 'the stop took too long');
    process.exit(0);
  }, stopWithinMs).unref();
  app.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'stopping failed');
      process.exit(1);
    },
  );
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  app = await createApp(config, createRuntime(log));
  const port = await app.start();
  log.info({ port, ...describeConfig(config) }, 'listening');
} catch (error) {
  // A start that a stop interrupts has not failed.
  if (!stopping) {
    log.fatal({ err: error }, 'the bot could not start');
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
