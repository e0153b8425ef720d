import { alert } from './en/alert.ts';
import { alerts } from './en/alerts.ts';
import { buttons } from './en/buttons.ts';
import { card } from './en/card.ts';
import { digest } from './en/digest.ts';
import { doctor } from './en/doctor.ts';
import { errors } from './en/errors.ts';
import { help } from './en/help.ts';
import { history } from './en/history.ts';
import { licenses } from './en/licenses.ts';
import { list } from './en/list.ts';
import { press } from './en/press.ts';
import { renew } from './en/renew.ts';
import { resolve } from './en/resolve.ts';
import { signIn } from './en/sign-in.ts';
import { state } from './en/state.ts';
import { suspended } from './en/suspended.ts';
import { sync } from './en/sync.ts';
import { syncAll } from './en/sync-all.ts';
import { thanks } from './en/thanks.ts';
import { verify } from './en/verify.ts';
import { welcome } from './en/welcome.ts';
import { whoami } from './en/whoami.ts';

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
