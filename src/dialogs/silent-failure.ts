import type { Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';

/** Codes with which a Teams client says why it could not sign in silently. Source: Microsoft's "SSO troubleshooting" for Teams bots. */
const causes: Readonly<Record<string, 'appMissing' | 'registration'>> = {
  installappfailed: 'appMissing',
  installedappnotfound: 'appMissing',
  authrequestfailed: 'registration',
  resourcematchfailed: 'registration',
  oauthcardnotvalid: 'registration',
};

/** What a person is told when their client could not sign in silently; the button that comes with it helps in every case. */
export function explainSilentFailure(code: unknown, locale: Locale): string {
  const { signIn } = textsFor(locale);
  if (typeof code !== 'string') return signIn.failed;
  const cause = Object.hasOwn(causes, code) ? causes[code] : undefined;
  if (cause === undefined) return signIn.failed;
  return cause === 'appMissing' ? signIn.failedAppMissing : signIn.failedRegistration(plain(code));
}
