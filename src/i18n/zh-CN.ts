import type { Texts } from './en.ts';
import { signIn, whoami } from './zh-CN/account.ts';
import { alert, alerts, digest, suspended } from './zh-CN/alerts.ts';
import { buttons, card, cardAction, errors, resolve } from './zh-CN/common.ts';
import { doctor } from './zh-CN/doctor.ts';
import { help, thanks, welcome } from './zh-CN/help.ts';
import { sync, syncAll } from './zh-CN/sync.ts';
import { history, licenses, list, renew, state, verify } from './zh-CN/tokens.ts';

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
};
