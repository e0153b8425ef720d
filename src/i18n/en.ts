import { signIn, whoami } from './en/account.ts';
import { alert, alerts, digest, suspended } from './en/alerts.ts';
import { buttons, card, errors, press, resolve } from './en/common.ts';
import { doctor } from './en/doctor.ts';
import { help, thanks, welcome } from './en/help.ts';
import { sync, syncAll } from './en/sync.ts';
import { history, licenses, list, renew, state, verify } from './en/tokens.ts';

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
  press,
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
