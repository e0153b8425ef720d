import { renewalLinks } from '../domain/renewal.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { appleIdFor, header, lineWithSymbol, render } from './render.ts';
import { expiryRow, stateBand, tokenNames } from './token-parts.ts';

export interface RenewCardData {
  readonly locale: Locale;
  readonly now: number;
  readonly conversationKind: ConversationKind;
  /** Intune's page of VPP tokens. */
  readonly intuneUrl: string;
  readonly token: VppToken;
  /** Typed, it means this token and no other. */
  readonly callName: string;
  /** The name of whom the whole Apple ID was sent to, where the card shows only a part of it. */
  readonly sentTo?: string;
}

/** The renewal of one token as numbered steps, each with this token's own names. */
export function renewCard(data: RenewCardData): CardContent {
  const { locale, token } = data;
  const { renew } = textsFor(locale);
  const { title, others } = tokenNames(token, locale);
  const { band, isDated } = stateBand(data);
  return render('renew-card', locale, summaryOfRenewCard(data), {
    ...header(renew.heading(title), others),
    band: [band],
    rows: isDated ? [] : [expiryRow(data)],
    notices: noticesOf(data).map((text) => lineWithSymbol('warning', text)),
    steps: stepsOf(data).map((text, index) => ({ number: `${index + 1}.`, text })),
    keep: lineWithSymbol('warning', renew.keep).text,
    remembered: renew.remembered,
    openTitle: renew.open,
    openUrl: data.intuneUrl,
  });
}

export const summaryOfRenewCard = ({ locale, token }: RenewCardData): string =>
  textsFor(locale).renew.summary(tokenNames(token, locale).title);

function stepsOf({ locale, token, conversationKind, callName, sentTo }: RenewCardData): string[] {
  const { renew } = textsFor(locale);
  const { steps } = renew;
  const { title } = tokenNames(token, locale);
  const account = token.appleId ? appleIdFor(token.appleId, conversationKind) : '';
  const site = siteOf(token, locale);
  return [
    account === ''
      ? steps.signInUnknown(site)
      : conversationKind === 'personal'
        ? steps.signIn(site, account)
        : steps.signInMasked(
            site,
            account,
            sentTo === undefined ? renew.askForWhole(safeLine(callName)) : renew.wholeSent(safeLine(sentTo)),
          ),
    steps.download(safeLine(token.locationName ?? '') || title),
    steps.open(title),
    steps.upload,
    steps.verify(safeLine(callName)),
  ];
}

function siteOf({ vppTokenAccountType }: VppToken, locale: Locale): string {
  const { site } = textsFor(locale).renew;
  if (vppTokenAccountType === 'business') return site.business(renewalLinks.appleBusiness);
  if (vppTokenAccountType === 'education') return site.education(renewalLinks.appleSchool);
  return site.either(renewalLinks.appleBusiness, renewalLinks.appleSchool);
}

/** States that a new file alone does not repair. */
function noticesOf({ token, locale }: RenewCardData): string[] {
  const { notice } = textsFor(locale).renew;
  const { state } = token;
  return state === 'invalid' || state === 'assignedToExternalMDM' || state === 'duplicateLocationId'
    ? [notice[state]]
    : [];
}
