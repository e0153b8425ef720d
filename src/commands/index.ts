import type { Person } from '../turn.ts';
import type { Command } from './command.ts';
import { createHelpCommand } from './help.ts';
import { createHistoryCommand, type HistoryCommandParts } from './history.ts';
import { createSignInCommand } from './sign-in.ts';
import { createSignOutCommand } from './sign-out.ts';
import { createStatusCommand, type StatusCommandParts } from './status.ts';
import { createSyncCommand, type SyncCommandParts } from './sync.ts';
import { createThanksCommand } from './thanks.ts';

export interface CommandParts {
  readonly sync: SyncCommandParts;
  readonly status: StatusCommandParts;
  readonly history: HistoryCommandParts;
  readonly forget: (person: Person) => void;
}

/** Everything people can say. A command exists once it stands here. */
export function createCommands({ sync, status, history, forget }: CommandParts): readonly Command[] {
  return [
    createSyncCommand(sync),
    createStatusCommand(status),
    createHistoryCommand(history),
    createSignInCommand(),
    createSignOutCommand({ forget }),
    createHelpCommand(),
    createThanksCommand(),
  ];
}
