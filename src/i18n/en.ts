import { buttons } from './en/buttons.ts';
import { card } from './en/card.ts';
import { errors } from './en/errors.ts';
import { help } from './en/help.ts';
import { press } from './en/press.ts';
import { resolve } from './en/resolve.ts';
import { signIn } from './en/sign-in.ts';
import { state } from './en/state.ts';
import { sync } from './en/sync.ts';
import { syncAll } from './en/sync-all.ts';
import { welcome } from './en/welcome.ts';

/** English, and the source of every key. One group per feature. */
export const en = { buttons, card, errors, help, press, resolve, signIn, state, sync, syncAll, welcome } as const;
