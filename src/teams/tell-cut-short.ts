import { refuse } from '../dialogs/refuse.ts';
import { textsFor } from '../i18n/texts.ts';
import { newCorrelationId } from '../lib/ids.ts';
import type { OwedAnswer } from '../store/turns.ts';
import type { Outbox } from './outbox.ts';

export interface TellCutShortParts {
  readonly outbox: Pick<Outbox, 'send'>;
  readonly log: { info(fields: object, message: string): void };
}

/** Tells whoever waits for an answer that none will come. Rejects with a SendingError. */
export function createTellCutShort({ outbox, log }: TellCutShortParts): (owed: OwedAnswer) => Promise<void> {
  return async ({ conversation, locale, messageId, personId }) => {
    const correlationId = newCorrelationId();
    const where = { conversation: conversation.id, where: conversation.kind };
    log.info({ correlationId, person: personId, ...where }, 'a turn was cut short');
    await outbox.send(
      conversation,
      locale,
      refuse({ locale, correlationId }, textsFor(locale).errors.cutShort),
      messageId,
    );
  };
}
