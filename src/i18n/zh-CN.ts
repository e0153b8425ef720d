import type { Texts } from './texts.ts';
import { alert } from './zh-CN/alert.ts';
import { alerts } from './zh-CN/alerts.ts';
import { buttons } from './zh-CN/buttons.ts';
import { card } from './zh-CN/card.ts';
import { digest } from './zh-CN/digest.ts';
import { doctor } from './zh-CN/doctor.ts';
import { errors } from './zh-CN/errors.ts';
import { help } from './zh-CN/help.ts';
import { history } from './zh-CN/history.ts';
import { licenses } from './zh-CN/licenses.ts';
import { list } from './zh-CN/list.ts';
import { press } from './zh-CN/press.ts';
import { renew } from './zh-CN/renew.ts';
import { resolve } from './zh-CN/resolve.ts';
import { signIn } from './zh-CN/sign-in.ts';
import { state } from './zh-CN/state.ts';
import { suspended } from './zh-CN/suspended.ts';
import { sync } from './zh-CN/sync.ts';
import { syncAll } from './zh-CN/sync-all.ts';
import { thanks } from './zh-CN/thanks.ts';
import { verify } from './zh-CN/verify.ts';
import { welcome } from './zh-CN/welcome.ts';
import { whoami } from './zh-CN/whoami.ts';

/** Simplified Chinese. */
export const zhCN: Texts = {
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
};
