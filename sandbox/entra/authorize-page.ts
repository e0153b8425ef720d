import type { SandboxPerson } from '../contract.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import { escapeHtml, htmlPage } from './html-page.ts';

interface AuthorizePageData {
  readonly request: AuthorizeRequest;
  readonly tenantName: string;
  /** Who can sign in to this tenant. */
  readonly people: readonly SandboxPerson[];
}

/** Pick a person, see what is asked, continue or cancel. Works without script. */
export function authorizePage({ request, tenantName, people }: AuthorizePageData): string {
  const hint = request.loginHint?.toLowerCase();
  const choices = people.map((person) => choice(person, isHinted(person, hint)));
  const body = `<h1>Sign in to ${escapeHtml(tenantName)}</h1>
<p><strong>VPP Sync</strong> would like to know who you are and act in your name.</p>
<form method="post">
<fieldset>
<legend>Who are you?</legend>
${choices.join('\n')}
</fieldset>
${request.claims === undefined ? '' : stepUpNote}
${request.consentFor.length > 0 ? consentNote(tenantName, request.consentFor) : ''}
<div class="buttons">
<button name="decision" value="cancel" formnovalidate>Cancel</button>
<button class="main" name="decision" value="continue">Continue</button>
</div>
</form>`;
  return htmlPage(`Sign in to ${tenantName}`, body);
}

const isHinted = (person: SandboxPerson, hint: string | undefined) =>
  hint !== undefined && [person.userPrincipalName, person.aadObjectId].some((name) => name.toLowerCase() === hint);

const choice = (person: SandboxPerson, checked: boolean) => `<label>
<input type="radio" name="person" value="${escapeHtml(person.key)}" required${checked ? ' checked' : ''}>
<span>${escapeHtml(person.name)} <small>· ${escapeHtml(person.title)}</small><br><small>${escapeHtml(person.userPrincipalName)}</small></span>
</label>`;

const stepUpNote = `<p class="note" data-note="step-up"><strong>One more check.</strong>
Your organisation wants you to confirm that it is you. Continue stands for approving it on your phone.</p>`;

const purposes: Readonly<Record<string, string>> = {
  'DeviceManagementServiceConfig.ReadWrite.All': 'Read and sync Apple VPP tokens in Intune',
  'DeviceManagementApps.Read.All': 'Read apps and their licences in Intune',
};

const consentNote = (tenantName: string, scopes: readonly string[]) => `<div class="note" data-note="consent">
<strong>Permissions requested</strong> for everyone in ${escapeHtml(tenantName)}:
<ul>
${scopes.map((scope) => `<li>${purposes[scope] ? `${purposes[scope]}<br>` : ''}<code>${escapeHtml(scope)}</code></li>`).join('\n')}
</ul>
</div>`;
