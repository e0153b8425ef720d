import type { VppToken } from '../domain/token.ts';
import type { CardContent, Reader } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { buttonsOf, header, line, render } from './render.ts';
import { expiryRow, tokenNames } from './token-parts.ts';
import { stateBand } from './token-state.ts';

export interface ReminderCardData extends Reader {
  /** As it was read when the person asked for the reminder: nobody is there to read it as them when it is due. */
  readonly token: VppToken;
  /** Opaque id of the stored record behind the buttons. */
  readonly recordId: string;
}

/** Reminds whoever asked for it of a renewal; each button reads the token again, as whoever presses. */
export function reminderCard(data: ReminderCardData): CardContent {
  const { locale, token, recordId: id } = data;
  const { renew } = textsFor(locale);
  const { buttons } = renew;
  const { others } = tokenNames(token, locale);
  const { band, isDated } = stateBand(data);
  return render('reminder-card', locale, summaryOfReminderCard(data), {
    ...header(summaryOfReminderCard(data), others),
    band: [band],
    rows: isDated ? [] : [expiryRow({ ...data, conversationKind: 'personal' })],
    footer: [line(renew.reminderNote)],
    ...buttonsOf([
      { title: buttons.steps, verb: 'renew/show', id },
      { title: buttons.check, verb: 'renew/check', id },
      { title: buttons.remind, verb: 'renew/remind', id },
    ]),
  });
}

export const summaryOfReminderCard = ({ locale, token }: ReminderCardData): string =>
  textsFor(locale).renew.reminder(tokenNames(token, locale).title);
