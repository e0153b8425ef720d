import type { SandboxPerson } from '../contract.ts';
import type { EntraStandIn } from '../entra/entra.ts';
import type { GraphStandIn } from '../graph/graph.ts';
import { dayMs } from '../seed/seed-token.ts';
import type { TeamsClient } from '../teams/client.ts';
import type { ConnectorStandIn } from '../teams/connector.ts';
import type { TeamsConversation } from '../teams/conversations.ts';

export interface HappeningParts {
  readonly graph: GraphStandIn;
  readonly entra: EntraStandIn;
  readonly connector: ConnectorStandIn;
  readonly client: TeamsClient;
}

export interface HappeningContext extends HappeningParts {
  readonly person: SandboxPerson;
  /** The conversation that is open in the page. */
  readonly conversation: TeamsConversation;
  /** The token chosen in the panel. */
  readonly tokenId: string;
  /** Typed beside the button of one that takes days; else 0. */
  readonly days: number;
}

/** Something that a developer can make happen in the tenant. `run` returns a sentence about the result. */
export interface Happening {
  readonly key: string;
  readonly title: string;
  readonly group: 'This connector' | 'Time' | 'Next sync' | 'Graph' | 'Sign-in' | 'Teams' | 'Everything';
  readonly takesDays?: boolean;
  run(occasion: HappeningContext): string | Promise<string>;
}

const happening = (
  group: Happening['group'],
  key: string,
  title: string,
  run: (occasion: HappeningContext) => string | Promise<string>,
): Happening => ({ group, key, title, run });

/** How the chosen connector is called at the beginning of a sentence. */
function nameOf({ graph, tokenId }: HappeningContext): string {
  const { kind } = graph.findToken(tokenId) ?? {};
  if (kind === 'push') return 'The push certificate';
  return kind === 'ade' ? 'The enrolment token' : 'The token';
}

const stepUpClaims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

export const happenings: readonly Happening[] = [
  happening('This connector', 'expire', 'Expire it', (occasion) => {
    occasion.graph.controls.expireToken(occasion.tokenId);
    return `${nameOf(occasion)} has expired.`;
  }),
  {
    ...happening('This connector', 'expire-in', 'Expire in', (occasion) => {
      occasion.graph.controls.expireIn(occasion.tokenId, occasion.days * dayMs);
      return `${nameOf(occasion)} expires in ${occasion.days} days.`;
    }),
    takesDays: true,
  },
  happening('This connector', 'renew', 'Renew it', (occasion) => {
    occasion.graph.controls.renewToken(occasion.tokenId);
    return `${nameOf(occasion)} is valid for another year.`;
  }),
  happening('This connector', 'invalid', 'Make it invalid', ({ graph, tokenId }) => {
    if (graph.findToken(tokenId)?.kind) return 'Intune knows no such state of it: only a VPP token can be invalid.';
    graph.controls.setState(tokenId, 'invalid');
    return 'Apple no longer accepts the token.';
  }),
  happening('This connector', 'elsewhere', 'Sync it in the admin center', ({ graph, tokenId }) => {
    if (graph.findToken(tokenId)?.kind === 'push') return 'The push certificate has nothing to sync.';
    graph.controls.startSync(tokenId);
    return 'A colleague has started a sync in the admin center.';
  }),
  happening('This connector', 'buy', 'Buy 50 licences', ({ graph, tokenId }) => {
    const [app] = graph.listApps(tokenId);
    if (!app) return 'No app was bought with it.';
    graph.controls.buyLicenses(app.id, 50);
    return `50 licences of ${app.displayName} will show after the next sync.`;
  }),
  happening('This connector', 'delete', 'Delete it', (occasion) => {
    const name = nameOf(occasion);
    occasion.graph.controls.deleteToken(occasion.tokenId);
    return `${name} is gone from Intune.`;
  }),
  happening('This connector', 'delete-all', 'Delete all VPP tokens', ({ graph, conversation }) => {
    graph.controls.setTokenCount(conversation.tenantId, 0);
    return 'Intune no longer has a VPP token of this organisation.';
  }),
  happening('Time', 'day', 'Let a day pass', ({ graph, conversation }) => {
    graph.controls.passTime(conversation.tenantId, dayMs);
    return 'All dates in Intune are a day older, and more licences of 门店盘点 are in use. The bot’s own clock is as it was.';
  }),
  happening('Time', 'week', 'Let a week pass', ({ graph, conversation }) => {
    graph.controls.passTime(conversation.tenantId, 7 * dayMs);
    return 'All dates in Intune are a week older, and more licences of 门店盘点 are in use. The bot’s own clock is as it was.';
  }),
  happening('Next sync', 'sync-fails', 'Let it fail', ({ graph }) => {
    graph.controls.nextSyncEnds('failed');
    return 'The next sync will end as failed.';
  }),
  happening('Next sync', 'sync-stuck', 'Let it get stuck', ({ graph }) => {
    graph.controls.nextSyncEnds('stuck');
    return 'The next sync will never end.';
  }),
  happening('Next sync', 'sync-slow', 'Take a minute', ({ graph }) => {
    graph.controls.setSyncDuration(60_000);
    return 'Syncs now take a minute.';
  }),
  happening('Next sync', 'sync-quick', 'Take 6 seconds', ({ graph }) => {
    graph.controls.setSyncDuration(6000);
    return 'Syncs now take 6 seconds.';
  }),
  happening('Graph', 'throttle', 'Throttle the next 3 calls', ({ graph }) => {
    graph.controls.failNext(3, { fault: { kind: 'status', status: 429, retryAfterS: 2 } });
    return 'The next 3 calls are answered 429 with Retry-After 2.';
  }),
  happening('Graph', 'unavailable', 'Fail the next 5 calls', ({ graph }) => {
    graph.controls.failNext(5, { fault: { kind: 'status', status: 503 } });
    return 'The next 5 calls are answered 503.';
  }),
  happening('Graph', 'started-504', 'Start the sync, answer 504', ({ graph }) => {
    graph.controls.failNext(1, { method: 'POST', path: 'syncLicenses', fault: { kind: 'startedThen504' } });
    return 'The next syncLicenses starts the sync and is answered 504.';
  }),
  happening('Graph', 'slow', 'Slow it down', ({ graph }) => {
    graph.controls.setLatency(3000);
    return 'Every answer of Graph now takes 3 seconds.';
  }),
  happening('Graph', 'normal', 'Back to normal', ({ graph }) => {
    graph.controls.setLatency(undefined);
    graph.controls.failNoMore();
    return 'Graph answers at once again, and without planned faults.';
  }),
  happening('Sign-in', 'no-consent', 'Remove consent', ({ entra, conversation }) => {
    entra.controls.setConsent(conversation.tenantId, false);
    return 'This organisation’s consent is withdrawn.';
  }),
  happening('Sign-in', 'no-push', 'Push certificate not covered', ({ graph }) => {
    graph.controls.coverConnector('push', false);
    return 'Consent does not cover the push certificate, until it is given.';
  }),
  happening('Sign-in', 'no-ade', 'Enrolment tokens not covered', ({ graph }) => {
    graph.controls.coverConnector('ade', false);
    return 'Consent does not cover enrolment tokens, until it is given.';
  }),
  happening('Sign-in', 'consent', 'Give consent', ({ entra, graph, conversation }) => {
    entra.controls.setConsent(conversation.tenantId, true);
    for (const kind of ['push', 'ade'] as const) graph.controls.coverConnector(kind, true);
    return 'The organisation has consented, to everything.';
  }),
  happening('Sign-in', 'step-up', 'Require step-up', ({ entra, person }) => {
    entra.controls.requireStepUp(person.key, stepUpClaims);
    return `${person.name} must confirm who they are before Graph is reached again.`;
  }),
  happening('Sign-in', 'expired-assertion', 'Expire the next assertion', ({ entra }) => {
    entra.controls.failNext(1, { kind: 'expiredAssertion' });
    return 'Entra will call the next assertion expired.';
  }),
  happening('Sign-in', 'sso-off', 'Silent sign-in off', ({ client, person }) => {
    client.setSso(person, 'off');
    return `${person.name} now sees sign-in buttons.`;
  }),
  happening('Sign-in', 'sso-fails', 'Silent sign-in fails', ({ client, person }) => {
    client.setSso(person, 'failing');
    return `${person.name}'s Teams now sends the bot signin/failure.`;
  }),
  happening('Sign-in', 'sso-on', 'Silent sign-in on', ({ client, person }) => {
    client.setSso(person, 'silent');
    return `${person.name} is signed in unseen again.`;
  }),
  happening('Sign-in', 'rotate-secret', 'Spoil the app secret', ({ entra }) => {
    entra.controls.rotateClientSecret();
    return 'The client secret is wrong from now on, until a reset.';
  }),
  happening('Teams', 'install', 'Install the bot here', async ({ client, person, conversation }) => {
    await client.install(person, conversation);
    return `The bot was installed in ${conversation.name}.`;
  }),
  happening('Teams', 'uninstall', 'Remove the bot here', async ({ client, person, conversation }) => {
    await client.uninstall(person, conversation);
    return `The bot was removed from ${conversation.name}.`;
  }),
  happening('Teams', 'throttle-sends', 'Throttle the next 3 sends', ({ connector }) => {
    connector.failNext(3, { status: 429, code: 'TooManyRequests', retryAfter: 1 });
    return 'The next 3 sends are answered 429 with Retry-After 1.';
  }),
  happening('Teams', 'store-502', 'Store the next send, answer 502', ({ connector }) => {
    connector.failNext(1, { status: 502, code: 'BadGateway', afterStoring: true });
    return 'The next send is stored and answered 502.';
  }),
  happening('Everything', 'reset', 'Reset tenant and chats', async ({ graph, entra, connector, client }) => {
    graph.controls.reset();
    entra.controls.reset();
    connector.failNoMore();
    await client.reset();
    return 'Intune, sign-in and all chats are as at the start. The bot keeps its history and its sign-ins.';
  }),
];
