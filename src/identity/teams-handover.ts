import { readFileSync } from 'node:fs';
import { isLoopback } from '../lib/net.ts';

/** Microsoft's client library as one browser script. It goes into the page, because the page may load nothing from elsewhere. */
export function readTeamsClientScript(): string {
  const script = readFileSync(new URL(import.meta.resolve('@microsoft/teams-js')), 'utf8');
  const notice = '/*! @microsoft/teams-js, Copyright (c) Microsoft Corporation, MIT License */\n';
  return notice + script.replaceAll(/<(?=\/script|!--)/gi, '\\x3C');
}

/**
 * Hands the code in `data-state` to the Teams client that opened the window, which then closes it. Without one the page just stays.
 * The library knows Teams' own hosts; a rehearsal's client, on the authority's loopback origin, is named to it.
 */
export function handoverScript(authorityUrl: string): string {
  const clients = isLoopback(authorityUrl) ? [new URL(authorityUrl).origin] : [];
  return `microsoftTeams.app.initialize(${JSON.stringify(clients)})
  .then(() => microsoftTeams.authentication.notifySuccess(document.body.dataset.state))
  .catch(() => {});`;
}
