import type { PressAnswer } from '../dialogs/press.ts';
import type { CardContent, Locale } from '../domain/turn.ts';
import { cardContentType, type SignInAddresses, signInContent } from './to-activity.ts';

/** What an invoke is answered with: the HTTP status and its JSON body. */
export interface InvokeAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** What goes on in the background after it. */
  readonly goesOn?: Promise<unknown>;
}

/**
 * A press's answer on the wire: HTTP 200 always, the real code in `statusCode`. Source: Adaptive Cards universal action model.
 */
export function toInvokeAnswer(answer: PressAnswer, locale: Locale, addresses: SignInAddresses): InvokeAnswer {
  switch (answer.kind) {
    case 'message':
    case 'text':
      return invokeMessage(answer.text);
    case 'beside':
      return invokeMessage(answer.reply.summary);
    case 'card':
      return invokeCard(answer.reply.card);
    case 'signIn':
      return body(
        401,
        'application/vnd.microsoft.activity.loginRequest',
        signInContent({ ...answer, how: 'silent' }, locale, addresses),
      );
    case 'signInAgain':
      return body(412, 'application/vnd.microsoft.error.preconditionFailed', {
        code: 'signInRequired',
        message: answer.text,
      });
  }
}

export const invokeMessage = (text: string): InvokeAnswer =>
  body(200, 'application/vnd.microsoft.activity.message', text);
export const invokeCard = (card: CardContent): InvokeAnswer => body(200, cardContentType, card);
export const invokeError = (statusCode: 400 | 500, message: string): InvokeAnswer =>
  body(statusCode, 'application/vnd.microsoft.error', {
    code: statusCode === 400 ? 'badRequest' : 'internalError',
    message,
  });

function body(statusCode: number, type: string, value: unknown): InvokeAnswer {
  return { status: 200, body: { statusCode, type, value } };
}
