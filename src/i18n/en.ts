import { signIn, whoami } from './en/account.ts';
import { alert, alerts, digest, suspended } from './en/alerts.ts';
import { buttons, card, cardAction, errors, resolve } from './en/common.ts';
import { doctor } from './en/doctor.ts';
import { help, thanks, welcome } from './en/help.ts';
import { sync, syncAll } from './en/sync.ts';
import { history, licenses, list, renew, state, verify } from './en/tokens.ts';

/**
 * Every word shown to people. English is the source of the keys; the other languages have exactly the same.
 * Tenant data given to a function goes through `plain` (src/lib/text.ts) first: texts put it in as it is.
 */
export type Texts = Widened<typeof en>;

export type Widened<T> = T extends string
  ? string
  : T extends (...parameters: infer P) => infer R
    ? (...parameters: P) => Widened<R>
    : { readonly [Key in keyof T]: Widened<T[Key]> };

/** What went wrong, as a person is told it: one sentence or two each. `next` is one step, never a list of choices. */
export interface Explanation {
  readonly what: string;
  readonly cause: string;
  /** Who can mend it. */
  readonly who: string;
  readonly next: string;
}

/** English, and the source of every key. One group per feature. */
export const en = {
  alert,
  alerts,
  buttons,
  card,
  digest,
  doctor,
  errors,
  help,
  history,
  licenses,
  list,
  press: cardAction,
  renew,
  resolve,
  signIn,
  state,
  suspended,
  sync,
  syncAll,
  thanks,
  verify,
  welcome,
  whoami,
} as const;
