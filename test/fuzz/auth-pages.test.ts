import assert from 'node:assert/strict';
import type { Random } from '../support/random.ts';
import { fuzz } from './campaign.ts';
import type { HttpAnswer } from './http-line.ts';
import { messageOf, people, pickPlace } from './people-and-places.ts';
import { strangeText } from './strange-values.ts';
import { startTrackedBot } from './tracked-bot.ts';
import { holdsNoSecret, saysNothingSerious } from './what-holds.ts';
import { secrets } from './whole-bot.ts';

const tracked = await startTrackedBot();
const { bot } = tracked;

/** Sign-ins that were asked for, and the states of those that were begun. */
let requests: string[] = [];
let states: string[] = [];
const most = 40;

const answers: readonly (() => Response)[] = [
  () => Response.json({ error: 'invalid_grant', error_codes: [65001], suberror: 'consent_required' }, { status: 400 }),
  () =>
    Response.json(
      { error: 'interaction_required', error_codes: [50076], claims: '{"access_token":{}}' },
      { status: 400 },
    ),
  () => Response.json({ error: 'invalid_client', error_codes: [7000215] }, { status: 401 }),
  () => Response.json({ error: '<script>', error_codes: ['<b>', {}, null], error_description: 5 }, { status: 400 }),
  () => Response.json([], { status: 200 }),
  () => Response.json({ access_token: 5, expires_in: 'x', token_type: {} }),
  () => Response.json({ token_type: 'Bearer', expires_in: 1e9, access_token: 'no.jwt.at-all' }),
  () => new Response('<html>', { status: 502 }),
  () => new Response('', { status: 200 }),
  () => new Response('{', { status: 429, headers: { 'retry-after': '3' } }),
];

async function gather(random: Random): Promise<void> {
  const person = random.pick(people);
  const said = messageOf(person, pickPlace(random, person), random.pick(['status adatum', 'list', 'sync adatum']));
  await tracked.post(JSON.stringify(said), said);
  requests = [...requests, ...tracked.sentCards().flatMap(({ signIns }) => signIns)].slice(-most);
}

/** One parameter, encoded well or badly, once or twice. */
function parameter(random: Random, name: string, good: readonly string[]): string {
  const value = random.once(3) || good.length === 0 ? strangeText(random).slice(0, 3_000) : random.pick(good);
  const named = random.once(12) ? random.pick([name.toUpperCase(), `${name}[]`, `${name}.x`, '__proto__', '']) : name;
  const pair = `${named}=${encoded(random, value)}`;
  return random.once(10) ? `${pair}&${pair}` : pair;
}

function encoded(random: Random, value: string): string {
  const safe = encodeURIComponent(value.toWellFormed());
  switch (random.below(8)) {
    case 0:
      return safe.replaceAll('%', '%25');
    case 1:
      return `${safe}${random.pick(['%', '%zz', '%f', '%ff', '%c0%80', '+', '%u0041', ';a=b', '&', '#x'])}`;
    case 2:
      return safe.slice(0, -1);
    default:
      return safe;
  }
}

function isGoodPage({ status, headers, text }: HttpAnswer, sent: string): void {
  assert.ok(status === 200 || status === 302 || (status >= 400 && status < 500), `${status} ${text.slice(0, 300)}`);
  assert.equal(headers.server, undefined);
  holdsNoSecret('a page', text);
  // Too long for a header, or no page of ours.
  if (text === '' && (status === 431 || status === 404)) return;
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['set-cookie'], undefined);
  if (status === 302) {
    isGoodRedirect(String(headers.location));
    return;
  }
  assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'nonce-[\w-]{22}'/);
  assert.match(String(headers['content-type']), /^text\/html/);
  assert.equal(/<body data-state="/.test(text), status === 200);
  // Nobody here has an assertion that is a token, so nobody can have signed in.
  assert.notEqual(status, 200);
  for (const piece of ['<script>alert', 'evil.example', 'javascript:', 'DROP TABLE', '<at>', 'Set-Cookie']) {
    assert.ok(!text.includes(piece), `a page repeats ${piece} of ${sent}`);
  }
}

function isGoodRedirect(location: string): void {
  const url = new URL(location);
  assert.equal(url.origin, 'https://login.microsoftonline.com');
  assert.equal(url.searchParams.get('redirect_uri'), 'https://bot.example.com/auth/end');
  const state = url.searchParams.get('state') ?? '';
  assert.match(state, /^[\w-]{43,512}$/);
  states = [...states, state].slice(-most);
  happened.begun += 1;
}

const happened = { begun: 0, redeemed: 0, refused: 0 };
bot.edges.token = (form) => {
  if (form.get('grant_type') !== 'authorization_code') return undefined;
  happened.redeemed += 1;
  return answers[happened.redeemed % answers.length]?.();
};

fuzz({
  file: 'auth-pages',
  share: 0.09,
  what: 'sign-in pages asked for with any query redirect to Entra or refuse, and repeat nothing',
  async one(random, record) {
    tracked.begin();
    if (requests.length === 0 || random.once(25)) await gather(random);
    const begins = random.once(2);
    const parts = begins
      ? [parameter(random, 'request', requests)]
      : [
          parameter(random, 'state', states),
          random.once(4) ? parameter(random, 'error', ['access_denied', 'consent_required', 'server_error']) : '',
          random.once(5) ? '' : parameter(random, 'code', ['0.code']),
          random.once(8) ? parameter(random, 'error_description', ['<script>alert(1)</script>']) : '',
        ];
    const query = parts.filter((part) => part !== '').join('&');
    const path = `${begins ? '/auth/start' : '/auth/end'}${random.once(40) ? '' : '?'}${query}`.replace(
      /[^\x21-\x7e]/g,
      '',
    );
    record(path);
    const answer = await bot.line.ask('GET', path);
    if (answer.status >= 400) happened.refused += 1;
    isGoodPage(answer, path);
    await bot.settle();
    saysNothingSerious(bot.lines);
    for (const { authorization } of bot.graph)
      assert.ok(!authorization.includes(secrets.graphToken), 'Graph was asked');
  },
  happened: () => happened,
});
