import type { Config } from '../config.ts';

export type PublicPage = '/' | '/support' | '/privacy' | '/terms';

/**
 * Pages that Teams' store rules demand, readable without signing in. They name the operator's contact where the configuration has one.
 * Source: learn.microsoft.com/microsoftteams/platform/concepts/deploy-and-publish/appsource/prepare/teams-store-validation-guidelines.
 */
export function createPublicPages({ operator }: Pick<Config, 'operator'>): Readonly<Record<PublicPage, string>> {
  const name = operator.name ? escapeHtml(operator.name) : 'the operator in your organisation';
  const support = operator.support
    ? `Contact <b>${name}</b>: ${linkTo(operator.support)}.`
    : `Ask ${operator.name ? `<b>${name}</b>` : name}.`;
  const website = operator.websiteUrl ? `<p>${linkTo(operator.websiteUrl)}</p>` : '';
  return {
    '/': page(
      'VPP Sync',
      `<p>A Microsoft Teams bot with which endpoint administrators sync and watch Apple VPP location tokens in Microsoft Intune.
It is run by ${name}.</p>
${website}
<p><a href="support">Support</a> · <a href="privacy">Privacy</a> · <a href="terms">Terms of use</a></p>`,
    ),
    '/support': page(
      'Support',
      `<p>Say <b>help</b> to the bot to see what it can do. Say <b>doctor</b> and it checks itself and your sign-in, and names each problem
with its fix.</p>
<p>${support} Give the reference below the bot's message.</p>
<p>To report a security problem, use the same contact, or see SECURITY.md of the project.</p>`,
    ),
    '/privacy': page(
      'Privacy',
      `<p>VPP Sync runs on your organisation's own servers. It sends nothing to its makers.</p>
<p>It stores where it is installed; who used it (Teams and Entra ids, and display names); which Apple VPP tokens they synced, when, and how
that ended; what Intune showed of the token before and after (names, Apple ID, state, dates; never the token itself) and of its apps (names
and numbers of licences; after the sync only those that changed); how a token was when somebody asked for its renewal; and commands that wait
for a sign-in, a choice or a confirmation, as they were typed. It stores no other message and no password. Sign-ins are held in memory or,
if the operator chose so, encrypted in the database. They end with <b>sign out</b> or after about an hour.</p>
<p>It also keeps an audit of requests that change something or could: who (Entra id and name), where, what, which token, when, and the
result, refusals and sign-ins included. The audit can't be changed afterwards, not even to remove a name. Everybody who can see a token in
Intune sees in <b>history</b> who asked for what. The operator can export all of it.</p>
<p>It erases waiting commands when they expire, after 15 minutes at most; what a card's buttons mean after 30 days; marks against repeated
messages after a day; syncs and renewals after 180 days; the audit after 400 days. The bot's log has no names and no ids of people. To see
what it stores about you, or to erase what is not the audit: ${lowerFirst(support)}</p>`,
    ),
    '/terms': page(
      'Terms of use',
      `<p>VPP Sync uses Microsoft Intune on your behalf, with your own permissions. What it starts there, such as a sync, is your action.</p>
<p>It is offered by ${name}, who can answer questions about support and availability. ${support}</p>`,
    ),
  };
}

const lowerFirst = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

function linkTo(contact: string): string {
  const href = contact.includes('@') && !/^https:/i.test(contact) ? `mailto:${contact}` : contact;
  return `<a href="${escapeHtml(href)}">${escapeHtml(contact)}</a>`;
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title === 'VPP Sync' ? title : `VPP Sync: ${title}`}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}</style>
</head><body><main><h1>${title}</h1>
${body}
</main></body></html>
`;
}
