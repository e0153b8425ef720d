import type { Unproven } from './unproven.ts';

/** Entries would have been signed that nothing shows to be the bot's. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError';
  readonly unproven: Unproven;

  constructor(unproven: Unproven) {
    super(`Nothing was signed: entries up to ${unproven.seq} cannot be proven.`);
    this.unproven = unproven;
  }
}
