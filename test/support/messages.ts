import assert from 'node:assert/strict';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { currentVersion, findCard, type TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { type Rehearsal, wordsOf } from './rehearsal.ts';

/** The POSTs that reached Graph, as `{object id of whose token} {token id}`. */
export const postsOf = ({ sandbox }: Rehearsal) =>
  sandbox.graph.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ personOid, path }) => `${personOid} ${path.split('/').at(-2)}`);

/** The id of the token that Intune calls so. */
export function tokenIdOf({ sandbox }: Rehearsal, name: string): string {
  const found = sandbox.tenants
    .flatMap(({ id }) => sandbox.graph.listTokens(id))
    .find(({ organizationName, displayName }) => [organizationName, displayName].includes(name));
  return found?.id ?? assert.fail(`no token is called ${name}`);
}

/** The sign-in card that a person was sent last. */
export async function waitForSignInCard(rehearsal: Rehearsal, conversation: TeamsConversation, after = 0) {
  const isSignIn = (message: TeamsMessage) =>
    (currentVersion(message).activity.attachments ?? []).some(({ contentType }) => contentType.endsWith('card.oauth'));
  return rehearsal.sandbox.client.waitFor(
    () => rehearsal.answers(conversation).slice(after).findLast(isSignIn),
    5000,
    'a sign-in card',
  );
}

/** Waits until a sign-in button is shown to a person on a message. */
export function waitForButton(
  { sandbox }: Rehearsal,
  person: SandboxPerson,
  conversation: TeamsConversation,
  messageId: string,
) {
  return sandbox.client.waitFor(
    () => sandbox.client.timeline.get(conversation, messageId).signIns.get(person.key),
    5000,
    'a sign-in button',
  );
}

/** An explanation a person can use: what happened, a reference for support, and nothing of the machinery. */
export function assertExplains(message: TeamsMessage | string, ...words: readonly RegExp[]): void {
  const said = typeof message === 'string' ? message : wordsOf(message);
  for (const word of words) assert.match(said, word);
  assert.match(said, /Reference: [0-9a-f]{10}|参考编号/, 'there is a reference');
  assertPlain(said);
}

/** Nothing but words: no address, host, JSON, token or stack. */
export function assertPlain(said: string): void {
  assert.doesNotMatch(said, /https?:|www\.|127\.0\.0\.1|localhost|graph\.microsoft/i, 'no address');
  assert.doesNotMatch(said, /"\w+"\s*:|\{\s*"|<\/?(?:html|body|h1)/i, 'no JSON, no HTML');
  assert.doesNotMatch(said, /eyJ[\w-]{10,}|\bat \w+ \(|node:internal|undefined|\[object|NaN/, 'no token, no stack');
  assert.doesNotMatch(said, /something went wrong/i);
}

/** The id of the message that this one of the bot's replies to. */
export const repliesTo = (message: TeamsMessage) => message.versions[0]?.activity.replyToId;

export const cardOf = (message: TeamsMessage, person?: SandboxPerson) =>
  findCard(message, person) ?? assert.fail(`no card, but: ${wordsOf(message)}`);

/** The numbered titles of a choice card. */
export function choicesOn(node: unknown): readonly { readonly title: string; readonly value: string }[] {
  if (Array.isArray(node)) return node.flatMap(choicesOn);
  if (typeof node !== 'object' || node === null) return [];
  const { choices, ...rest } = node as { choices?: unknown };
  return Array.isArray(choices) ? choices : Object.values(rest).flatMap(choicesOn);
}
