import * as account from './en/account.ts';
import * as alertSettings from './en/alert-settings.ts';
import * as alerts from './en/alerts.ts';
import * as common from './en/common.ts';
import * as connectors from './en/connectors.ts';
import * as doctor from './en/doctor.ts';
import * as help from './en/help.ts';
import * as licenses from './en/licenses.ts';
import * as openAlerts from './en/open-alerts.ts';
import * as sync from './en/sync.ts';
import * as tokens from './en/tokens.ts';

/**
 * Every word shown to people, English first: whatever a chapter exports, and the other languages have exactly the same.
 * Tenant data given to a function goes through `safeLine` (src/lib/text.ts) first: texts put it in as it is.
 */
export const en = {
  ...account,
  ...alertSettings,
  ...alerts,
  ...common,
  ...connectors,
  ...doctor,
  ...help,
  ...licenses,
  ...openAlerts,
  ...sync,
  ...tokens,
  /** Each command's entry in the help, in the order shown. `menu` replaces the summary in Teams' own menu of commands. */
  commands: {
    ...sync.commands,
    ...tokens.commands,
    ...connectors.commands,
    ...alerts.commands,
    ...alertSettings.commands,
    ...openAlerts.commands,
    ...account.commands,
    ...doctor.commands,
    ...help.commands,
  },
} as const;

export type Texts = Widened<typeof en>;

/** The same keys and parameters with any words in them. */
type Widened<T> = T extends string
  ? string
  : T extends (...parameters: infer P) => infer R
    ? (...parameters: P) => Widened<R>
    : { readonly [Key in keyof T]: Widened<T[Key]> };

/** Explains to a person what went wrong, one sentence or two each. `next` is one step, never a list of choices. */
export interface Explanation {
  readonly what: string;
  readonly cause: string;
  /** The person or role who can fix it. */
  readonly who: string;
  readonly next: string;
}
