import type { Person } from '../turn.ts';
import type { Command } from './command.ts';
import { createHelpCommand } from './help.ts';
import { createSignInCommand } from './sign-in.ts';
import { createSignOutCommand } from './sign-out.ts';
import { createStatusCommand, type StatusCommandParts } from './status.ts';
import { createSyncCommand, type SyncCommandParts } from './sync.ts';

export interface CommandParts {
  readonly sync: SyncCommandParts;
  readonly status: StatusCommandParts;
  readonly forget: (person: Person) => void;
}

/** Everything people can say. A command exists once it stands here. */
export function createCommands({ sync, status, forget }: CommandParts): readonly Command[] {
  return [
    createSyncCommand(sync),
    createStatusCommand(status),
    createSignInCommand(),
    createSignOutCommand({ forget }),
    createHelpCommand(),
  ];
}
