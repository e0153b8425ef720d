import type { Command } from '../commands/command.ts';
import { parseLine } from '../commands/parse.ts';
import type { Person, Turn } from '../domain/turn.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';

export interface DropWaitingParts {
  readonly requests: Pick<StoredSignInRequests, 'listOpenOf' | 'take'>;
  readonly now: () => number;
}

/** A new command overtakes the writes that still wait for a sign-in in its thread: a late answer must not carry them out. */
export async function dropWaitingWrites(
  { requests, now }: DropWaitingParts,
  turn: Turn,
  commands: readonly Command[],
): Promise<void> {
  for (const { id, resume, conversation } of await requests.listOpenOf(turn.person, now())) {
    const parsed = parseLine(resume, commands);
    const writes = parsed.kind !== 'call' || parsed.command.writes;
    if (writes && conversation.id === turn.conversation.id) await requests.take(id, now());
  }
}

/** Everything that waits for the person's sign-in, wherever it was asked: after signing out none of it goes on by itself. */
export async function dropAllWaiting({ requests, now }: DropWaitingParts, person: Person): Promise<void> {
  for (const { id } of await requests.listOpenOf(person, now())) await requests.take(id, now());
}
