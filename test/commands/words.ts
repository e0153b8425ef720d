import type { Command } from '../../src/commands/command.ts';
import { createHelpCommand } from '../../src/commands/help.ts';
import { createHistoryCommand, type HistoryCommandParts } from '../../src/commands/history.ts';
import { createSignInCommand } from '../../src/commands/sign-in.ts';
import { createSignOutCommand } from '../../src/commands/sign-out.ts';
import { createStatusCommand, type StatusCommandParts } from '../../src/commands/status.ts';
import { createSyncCommand, type SyncCommandParts } from '../../src/commands/sync.ts';
import { createThanksCommand } from '../../src/commands/thanks.ts';

const unused = () => {
  throw new Error('Only the words of the commands are looked at here');
};
const noParts = new Proxy({}, { get: () => unused });

/** Every command with its real words and without anything behind it. */
export const wordsOfCommands: readonly Command[] = [
  createSyncCommand(noParts as SyncCommandParts),
  createStatusCommand(noParts as StatusCommandParts),
  createHistoryCommand(noParts as HistoryCommandParts),
  createSignInCommand(),
  createSignOutCommand({ forget: unused }),
  createHelpCommand(),
  createThanksCommand(),
];
