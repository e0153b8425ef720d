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
      `<p>Say <b>help</b> to the bot to see what it understands, and <b>doctor</b> to have it check itself and your sign-in: each
problem is named with its fix.</p>
<p>${support} Name the reference below the bot's message.</p>
<p>Faults of security: see SECURITY.md of the project, or use the same contact.</p>`,
    ),
    '/privacy': page(
      'Privacy',
      `<p>VPP Sync runs on your organisation's own servers. It sends nothing to its makers.</p>
<p>It stores: where it is installed; which people used it (Teams and Entra ids and display names); which Apple VPP tokens they synced,
when, how that ended, and what Intune showed of the token before and after (names, Apple ID, state, dates; never the token itself) and of
its apps (names and numbers of licences; after the sync only those that changed); what a token was when its renewal was asked for; and
commands that wait for a sign-in, a choice or a confirmation, as they were typed. It stores no other message and no password. Sign-ins are
held in memory or, where the operator chose so, encrypted in its store; they end with <b>sign out</b> or after about an hour.</p>
<p>It also keeps an audit of what people asked of it that changes something or could: who (Entra id and name), where, what, of which token,
when, and what came of it, refusals and sign-ins too. The audit cannot be changed afterwards, not even to take a name out. Who can see a
token in Intune sees in <b>history</b> who asked what of it; the operator can export the whole.</p>
<p>Commands that wait are erased once they expire, after 15 minutes at most; what the buttons of a card stand for after 30 days; marks
against repeated messages after a day; syncs and renewals after 180 days; the audit after 400 days. The bot's log holds no names and no
ids of people. To see what concerns you, or to erase what is not the audit: ${lowerFirst(support)}</p>`,
    ),
    '/terms': page(
      'Terms of use',
      `<p>VPP Sync asks Microsoft Intune on your behalf, with your own rights. What it starts there, such as a sync, is your action.</p>
<p>It is offered by ${name}, who can tell you about support and availability. ${support}</p>`,
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
