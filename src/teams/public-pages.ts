/** Pages that Teams' store rules ask for: readable without signing in. */
export const publicPages: Readonly<Record<'privacy' | 'terms', string>> = {
  privacy: page(
    'Privacy',
    `<p>VPP Sync runs on your organisation's own servers. It sends nothing to its makers.</p>
<p>It stores: which conversations and people used it (Teams and Entra ids and display names), which tokens they synced, when, and how
that ended, and pending questions. It stores no Apple token, no message text and no password. Sign-ins are held in memory and end
with the process, with <b>sign out</b>, or after about an hour.</p>
<p>Pending questions and sign-ins are erased once they expire, marks against repeated messages after a day. Ask the operator of this
bot to see or erase what concerns you.</p>`,
  ),
  terms: page(
    'Terms of use',
    `<p>VPP Sync asks Microsoft Intune on your behalf, with your own rights. What it starts there, such as a sync, is your action.</p>
<p>It is offered by the operator in your organisation, who can tell you about support and availability.</p>`,
  ),
};

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>VPP Sync: ${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}</style>
</head><body><main><h1>${title}</h1>
${body}
</main></body></html>
`;
}
