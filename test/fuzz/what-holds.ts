import assert from 'node:assert/strict';
import type { CardContent } from '../../src/domain/turn.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { listLimitBreaches, listSchemaFaults } from '../support/validate-card.ts';
import type { HttpAnswer } from './http-line.ts';
import { type Seen, secrets, type WholeBot } from './whole-bot.ts';

/** Answers to the channel that are none of our faults: 501 is an invoke that the bot does not know. */
const statuses: ReadonlySet<number> = new Set([200, 400, 401, 403, 413, 429, 501]);
const statusCodes: ReadonlySet<unknown> = new Set([200, 400, 401, 412]);

/** Fails unless the channel was answered as the wire contract says. */
export function isChannelAnswer({ status, text, headers }: HttpAnswer, name: unknown): void {
  assert.ok(statuses.has(status), `answered ${status}: ${text.slice(0, 200)}`);
  assert.equal(headers.server, undefined);
  if (status !== 200) assert.equal(text, '', `${status} tells something`);
  if (text === '') return;
  const body = JSON.parse(text) as Record<string, unknown>;
  assert.equal(typeof body, 'object');
  if (name !== 'adaptiveCard/action' || Object.keys(body).length === 0) return;
  assert.ok(statusCodes.has(body.statusCode), `the invoke was answered ${text.slice(0, 300)}`);
  assert.match(
    String(body.type),
    /^application\/vnd\.microsoft\.(?:card\.adaptive|activity\.message|activity\.loginRequest|error(?:\.\w+)?)$/,
  );
  if (body.type === 'application/vnd.microsoft.activity.message') assert.equal(typeof body.value, 'string');
  if (body.type === 'application/vnd.microsoft.card.adaptive') isGoodCard(body.value as CardContent);
  assert.ok(isClean(body), 'a text is not well-formed');
}

/** Fails when what went to Teams is no message that Teams takes, or holds what nobody should read. */
export function isGoodSend({ url, authorization, body, method }: Seen): void {
  assert.ok(url.startsWith('https://smba.trafficmanager.net/'), url);
  assert.equal(authorization, `Bearer ${secrets.botToken}`);
  if (method === 'GET') return;
  const activity = JSON.parse(body) as Record<string, unknown>;
  // A person's own chat is opened, to send them what others must not read.
  const isOpening = method === 'POST' && url.endsWith('/v3/conversations');
  assert.ok(isOpening ? Array.isArray(activity.members) : ['message', 'typing'].includes(String(activity.type)));
  assert.ok(isClean(activity), `not well-formed: ${body.slice(0, 300)}`);
  for (const { contentType, content } of (activity.attachments ?? []) as { contentType: string; content: unknown }[]) {
    if (contentType === 'application/vnd.microsoft.card.adaptive') isGoodCard(content as CardContent);
  }
}

let cards = 0;

/** Fails when a card breaks the product's limits or, which is checked now and then, Microsoft's schema. */
export function isGoodCard(card: CardContent): void {
  assert.deepEqual(listLimitBreaches(card), []);
  cards += 1;
  if (cards % 20 === 1) assert.deepEqual(listSchemaFaults(card), []);
  for (const node of nodesOf(card)) {
    for (const value of Object.values(node)) {
      if (typeof value !== 'string') continue;
      assert.doesNotMatch(value, /\[object |[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufdd0]/u);
      assert.ok(value.isWellFormed(), 'a text is not well-formed');
    }
  }
}

/** True when every text in it is well-formed and without characters that end texts elsewhere. */
function isClean(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (Array.isArray(value)) return value.every(isClean);
  return typeof value !== 'object' || value === null || Object.values(value).every(isClean);
}

/** Fails when a secret is where somebody may read it. */
export function holdsNoSecret(where: string, text: string): void {
  for (const [name, secret] of Object.entries(secrets))
    assert.ok(!text.includes(secret), `${name} in ${where}: ${text.slice(0, 300)}`);
}

const serious = /^\{"level":"(?:error|fatal)"/;
/** The names of people and places here (people-and-places.ts). */
const somebody = /0000000\d-aaaa-|29:1person|Lovelace|王伟|Şahin|a:1chat|19:group|19:channel/;

/** Fails when the bot says that something went wrong that nobody expected, or says what is secret, or about whom. */
export function saysNothingSerious(lines: readonly string[]): void {
  for (const line of lines) {
    assert.doesNotMatch(line, serious, 'the log tells of a fault');
    assert.doesNotMatch(line, somebody, 'the log tells of somebody');
    holdsNoSecret('the log', line);
  }
}

/** Everything that is forgotten between two cases. */
export function forget(bot: WholeBot): void {
  bot.lines.length = 0;
  bot.graph.length = 0;
  bot.teams.length = 0;
}
