import { createCommands } from '../../src/commands/index.ts';

// Whatever a command is made of: its words are read here, and it is never run.
export const anything: never = new Proxy({}, { get: () => anything }) as never;

/** Every command with its real words and without anything behind it. */
export const commands = createCommands(anything);
