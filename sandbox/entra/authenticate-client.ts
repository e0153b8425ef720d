import { timingSafeEqual } from 'node:crypto';
import { EntraError } from './entra-error.ts';
import type { EntraState } from './entra-state.ts';

/** Lets in the bot's app with its secret in the form; every other way is refused as Entra refuses it. */
export function authenticateClient(state: EntraState, form: URLSearchParams) {
  const { clientId, clientSecret } = state.registration();
  const given = form.get('client_id');
  if (given !== clientId) {
    throw new EntraError(
      'unauthorized_client',
      700016,
      `Application ${given ?? '(none)'} was not found in the directory.`,
    );
  }
  const secret = form.get('client_secret');
  if (form.has('client_assertion')) {
    throw refusal(700027, 'The certificate behind client_assertion is not registered on the application.');
  }
  if (!secret) throw refusal(7000218, 'The request body must hold client_assertion or client_secret.');
  if (state.secretRotated || !isSame(secret, clientSecret)) {
    throw refusal(7000215, `Invalid client secret provided for application ${clientId}.`);
  }
}

const refusal = (code: number, message: string) => new EntraError('invalid_client', code, message, { status: 401 });

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
