import { kindOf, type OtherKind } from '../domain/connector.ts';
import { type Renewal, renewalLinks } from '../domain/renewal.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardContent, ConversationKind, Locale, Reader } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { appleIdFor, bandOf, clientDateTime, header, line, lineWithSymbol, personName, render } from './render.ts';
import { expiryRow, tokenNames } from './token-parts.ts';
import { stateBand } from './token-state.ts';

export interface RenewCardData extends Reader {
  readonly conversationKind: ConversationKind;
  /** Intune's page of VPP tokens. */
  readonly intuneUrl: string;
  readonly token: VppToken;
  /** Typed, it means this token and no other. */
  readonly callName: string;
  /** The name of whom the whole Apple ID was sent to, where the card shows only a part of it. */
  readonly sentTo?: string;
  /** The renewal that is under way. */
  readonly renewal?: Pick<Renewal, 'person' | 'startedAt'>;
  /** True when monitoring notices the new date without “verify”. */
  readonly isWatched: boolean;
  /** Opaque id of the stored record behind the buttons. */
  readonly recordId: string;
}

/** The renewal of one token as numbered steps, each with this token's own names. */
export function renewCard(data: RenewCardData): CardContent {
  const { locale, token, renewal, isWatched } = data;
  const { renew } = textsFor(locale);
  const note = renewal ? renew.started : renew.notStarted;
  const { title, others } = tokenNames(token, locale);
  const { band, isDated } = stateBand(data);
  return render('renew-card', locale, summaryOfRenewCard(data), {
    ...header(renew.heading(title), others),
    band: renewal ? [band, startedBand(renewal, locale)] : [band],
    rows: isDated ? [] : [expiryRow(data)],
    notices: noticesOf(data).map((text) => lineWithSymbol('warning', text)),
    steps: stepsOf(data).map((text, index) => ({ number: `${index + 1}.`, text })),
    keep: lineWithSymbol('warning', keepOf(data)).text,
    note: isWatched ? note.watched : note.unwatched,
    ...buttonsOf(data),
  });
}

function startedBand({ person, startedAt }: Pick<Renewal, 'person' | 'startedAt'>, locale: Locale) {
  const { startedBy } = textsFor(locale).renew;
  return bandOf('busy', startedBy(personName(person.name, locale)), { dates: [line(clientDateTime(startedAt))] });
}

/** What helps next comes first: to say that it has begun, then to check it. */
function buttonsOf({ locale, token, intuneUrl, renewal, recordId: id }: RenewCardData) {
  const { renew } = textsFor(locale);
  const { buttons, open } = renew;
  const press = (step: 'start' | 'check' | 'remind') => ({ title: buttons[step], verb: `renew/${step}`, id });
  const kind = accountKindOf(token);
  const business = { title: buttons.openBusiness, url: `https://${renewalLinks.appleBusiness}` };
  const school = { title: buttons.openSchool, url: `https://${renewalLinks.appleSchool}` };
  const portal = { title: textsFor(locale).connector.renew.push.open, url: `https://${renewalLinks.applePush}` };
  const sites = [...(kind === 'education' ? [] : [business]), ...(kind === 'business' ? [] : [school])];
  return {
    first: [press(renewal ? 'check' : 'start')],
    links: [...(kindOf(token) === 'push' ? [portal] : sites), { title: open, url: intuneUrl }],
    others: renewal ? [press('remind')] : [press('check'), press('remind')],
  };
}

export const summaryOfRenewCard = ({ locale, token }: RenewCardData): string =>
  textsFor(locale).renew.summary(tokenNames(token, locale).title);

function keepOf({ locale, token }: RenewCardData): string {
  const { renew, connector } = textsFor(locale);
  const kind = kindOf(token);
  return kind === 'vpp' ? renew.keep : connector.renew[kind].keep;
}

/** Steps of a push certificate or an enrolment token, each signed in to Apple with the account it was made with. */
function stepsOfOther({ locale, token, conversationKind, callName, sentTo }: RenewCardData, kind: OtherKind): string[] {
  const { renew, connector } = textsFor(locale);
  const { push, ade, verify } = connector.renew;
  const account = token.appleId ? appleIdFor(token.appleId, conversationKind) : connector.renew[kind].account;
  const isMasked = token.appleId !== undefined && conversationKind !== 'personal';
  const whole = sentTo === undefined ? renew.askForWhole(safeLine(callName)) : renew.wholeSent(safeLine(sentTo));
  const { title } = tokenNames(token, locale);
  return [
    ...(kind === 'push' ? push.steps(account) : ade.steps(account, title)),
    ...(isMasked ? [whole] : []),
    verify(safeLine(callName)),
  ];
}

function stepsOf(data: RenewCardData): string[] {
  const { locale, token, conversationKind, callName, sentTo } = data;
  const otherKind = kindOf(token);
  if (otherKind !== 'vpp') return stepsOfOther(data, otherKind);
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
    steps.download[accountKindOf(token)](safeLine(token.locationName ?? '') || title),
    steps.open(title),
    steps.upload,
    steps.verify(safeLine(callName)),
  ];
}

function siteOf(token: VppToken, locale: Locale): string {
  const { site } = textsFor(locale).renew;
  const { appleBusiness, appleSchool } = renewalLinks;
  const kind = accountKindOf(token);
  if (kind === 'either') return site.either(appleBusiness, appleSchool);
  return kind === 'business' ? site.business(appleBusiness) : site.education(appleSchool);
}

function accountKindOf({ vppTokenAccountType: type }: VppToken): 'business' | 'education' | 'either' {
  return type === 'business' || type === 'education' ? type : 'either';
}

/** States that a new file alone does not repair. */
function noticesOf({ token, locale }: RenewCardData): string[] {
  if (kindOf(token) === 'push') return [textsFor(locale).connector.renew.push.first];
  const { notice } = textsFor(locale).renew;
  const { state } = token;
  return state === 'invalid' || state === 'assignedToExternalMDM' || state === 'duplicateLocationId'
    ? [notice[state]]
    : [];
}
