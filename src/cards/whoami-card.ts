import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence } from '../lib/text.ts';
import type { ReadingOutcome } from './doctor-card.ts';
import { accountName, type CardRow, clientDateTime, header, line, lineWithSymbol, render, rowOf } from './render.ts';

export interface WhoamiCardData {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  readonly name: string;
  readonly tenantId: string;
  readonly signedIn?: {
    readonly userName: string;
    /** Epoch milliseconds. */
    readonly until: number;
    readonly reading: ReadingOutcome;
  };
}

/** The person as Teams, Entra and Intune know them. Outside a personal chat neither their sign-in name nor their organisation's whole id. */
export function whoamiCard(data: WhoamiCardData): CardContent {
  const { locale } = data;
  const { whoami } = textsFor(locale);
  const { label } = whoami;
  return render('whoami-card', locale, summaryOfWhoamiCard(data), {
    ...header(whoami.heading),
    rows: [
      rowOf(label.teams, line(safeLine(data.name))),
      signedInRow(data),
      organisationRow(data),
      rowOf(label.intune, intuneLine(data)),
    ],
    note: whoami.write,
  });
}

export const summaryOfWhoamiCard = ({ locale, name }: WhoamiCardData): string =>
  textsFor(locale).whoami.summary(safeLine(name));

function signedInRow({ locale, conversationKind, name, signedIn }: WhoamiCardData): CardRow {
  const { label, until, notSignedIn } = textsFor(locale).whoami;
  if (!signedIn) return rowOf(label.signedIn, line(notSignedIn));
  const account = line(accountName(conversationKind, signedIn.userName, name));
  return rowOf(label.signedIn, account, [line(`${until} ${clientDateTime(signedIn.until)}`)]);
}

/** By the domain of the sign-in name, which people know better than an id. */
function organisationRow({ locale, conversationKind, tenantId, signedIn }: WhoamiCardData): CardRow {
  const id = safeLine(tenantId);
  const shownId = conversationKind === 'personal' ? id : `${id.slice(0, 8)}…`;
  const domain = safeLine(signedIn?.userName.split('@')[1] ?? '');
  return rowOf(textsFor(locale).whoami.label.tenant, line(domain === '' ? shownId : `${domain} (${shownId})`));
}

function intuneLine({ locale, signedIn }: WhoamiCardData) {
  const { whoami } = textsFor(locale);
  if (!signedIn) return line(whoami.notAsked);
  const { reading } = signedIn;
  switch (reading.kind) {
    case 'read':
      return reading.count === 0
        ? lineWithSymbol('warning', whoami.seesNothing)
        : lineWithSymbol('good', safeSentence(whoami.mayRead(reading.count)));
    case 'refused': {
      const { what, cause, next } = reading.explanation;
      return lineWithSymbol(
        reading.isPassing ? 'warning' : 'attention',
        safeSentence(whoami.refused(what, cause, next)),
      );
    }
    case 'tooSlow':
      return lineWithSymbol('warning', whoami.tooSlow);
  }
}
