import type { EntraError } from './entra-error.ts';
import { escapeHtml, htmlPage } from './html-page.ts';

/** For requests whose redirect address cannot be trusted: nothing is sent anywhere, the person is told. */
export function errorPage(error: EntraError): string {
  const body = `<h1>Sorry, this sign-in cannot go on</h1>
<p class="note">AADSTS${error.code}: ${escapeHtml(error.message)}</p>
<p>Close this window and ask for the sign-in again where you began.</p>`;
  return htmlPage('Sign-in not possible', body);
}
