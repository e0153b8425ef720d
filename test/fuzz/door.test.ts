import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { clouds } from '../../src/clouds.ts';
import { createOpenIdKeys } from '../../src/identity/open-id-keys.ts';
import { createInboundGuard } from '../../src/teams/guard.ts';
import { createInboundToken } from '../../src/teams/inbound-token.ts';
import { createRandom, type Random } from '../support/random.ts';
import { createRuntime } from '../support/runtime.ts';
import { fuzz } from './campaign.ts';
import { mutate, textOf } from './mutate.ts';
import { type Activity, messageOf, people, pickPlace } from './people-and-places.ts';
import { strangeText, strangeValue } from './strange-values.ts';
import { botId, serviceUrl, tenant } from './whole-bot.ts';

const issuer = clouds.global.botIssuer;
const clock = { now: Date.UTC(2026, 10, 23, 9) };
const seconds = Math.floor(clock.now / 1000);
const channel = await generateKeyPair('RS256', { extractable: true });
const stranger = await generateKeyPair('RS256', { extractable: true });
const published = { ...(await exportJWK(channel.publicKey)), kid: 'channel', endorsements: ['msteams'] };
const publicText = await exportSPKI(channel.publicKey);

let timesAsked = 0;
const keys = createOpenIdKeys({
  metadataUrl: clouds.global.botOpenIdMetadataUrl,
  runtime: createRuntime({ now: () => clock.now }),
  async fetch(input) {
    timesAsked += 1;
    if (!String(input).endsWith('/keys'))
      return Response.json({ jwks_uri: 'https://login.botframework.com/v1/.well-known/keys' });
    const skype = { ...published, kid: 'skype', endorsements: ['skype'] };
    return Response.json({ keys: [null, { kid: 'oct', kty: 'oct', k: 'AAAA' }, skype, published] });
  },
});
const guard = createInboundGuard({
  config: { cloud: clouds.global, extraServiceUrls: [], allowedTenants: [tenant] },
  token: createInboundToken({ keys, issuer, botId, now: () => clock.now }),
  now: () => clock.now,
});

const goodClaims = { iss: issuer, aud: botId, serviceurl: serviceUrl, nbf: seconds - 10, exp: seconds + 10_000_000 };

interface Token {
  readonly text: string;
  /** Undefined for one that nobody may come in with. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

async function signed(claims: unknown, header: unknown, key: CryptoKey): Promise<string> {
  const jwt = new SignJWT(Object(claims)).setProtectedHeader({ alg: 'RS256', ...Object(header) });
  return jwt.sign(key);
}

/** Tokens of every kind, made once: signing is slow. */
async function makeTokens(random: Random): Promise<readonly Token[]> {
  const tokens: Token[] = [
    { text: await signed(goodClaims, { kid: 'channel' }, channel.privateKey), claims: goodClaims },
  ];
  while (tokens.length < 150) {
    const claims = mutate(random, goodClaims) as Readonly<Record<string, unknown>>;
    const kid = random.pick(['channel', 'channel', 'skype', 'oct', 'unknown', strangeText(random).slice(0, 200)]);
    const key = random.pick([channel.privateKey, channel.privateKey, stranger.privateKey]);
    const isOurs = key === channel.privateKey && kid === 'channel';
    // A claim that no library would sign, such as a time that is no number, nobody sends signed either.
    const text = await signed(claims, { kid }, key).catch(() => undefined);
    if (text !== undefined) tokens.push({ text, ...(isOurs && { claims: Object(claims) }) });
  }
  return tokens;
}

const tokens = await makeTokens(createRandom(7));
const base64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toString('base64url');

/** A token that is forged: none of these may come in. */
function forged(random: Random): Token {
  const [header = '', payload = '', signature = ''] = random.pick(tokens).text.split('.');
  switch (random.below(6)) {
    case 0:
      return { text: [header, base64(mutate(random, { ...goodClaims, x: random.next() })), signature].join('.') };
    case 1: {
      const alg = random.pick([
        'none',
        'None',
        'HS256',
        'HS512',
        'ES256',
        'PS256',
        'RS1',
        'dir',
        strangeText(random).slice(0, 99),
      ]);
      return {
        text: [base64({ alg, kid: 'channel' }), base64(goodClaims), random.pick(['', 'AAAA', signature])].join('.'),
      };
    }
    case 2: {
      const input = `${base64({ alg: 'HS256', kid: 'channel' })}.${base64(goodClaims)}`;
      const secret = random.pick([publicText, published.n ?? '', JSON.stringify(published)]);
      return { text: `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}` };
    }
    case 3:
      return {
        text: [
          base64(mutate(random, { alg: 'RS256', kid: 'channel', typ: 'JWT', x: 1 }) ?? ''),
          payload,
          signature,
        ].join('.'),
      };
    case 4:
      return { text: [header, payload, signature.slice(0, -4) + random.pick(['AAAA', '', '=', '....'])].join('.') };
    default:
      return { text: strangeText(random).slice(0, 20_000) };
  }
}

function requestOf(random: Random, text: string, authorization: string | undefined, type: string): IncomingMessage {
  const bytes = Buffer.from(text);
  const at = random.below(bytes.length + 1);
  const chunks = random.once(3) ? [bytes.subarray(0, at), bytes.subarray(at)] : [bytes];
  const length = random.once(20) ? { 'content-length': random.pick(['0', '1', '999999999', '262145', 'x']) } : {};
  const headers = { 'content-type': type, ...(authorization !== undefined && { authorization }), ...length };
  return Object.assign(Readable.from(chunks.filter((chunk) => chunk.length > 0)), {
    headers,
  }) as unknown as IncomingMessage;
}

const types = [
  'application/json',
  'application/json; charset=utf-8',
  'application/x+json',
  'text/plain',
  '',
  'application/json\0',
];
const happened = { admitted: 0, malformed: 0, unauthorized: 0, forbidden: 0 };

/** Fails unless what was let in may come in by every rule, read anew and in other words than the guard's. */
function mayComeIn(activity: Readonly<Record<string, unknown>>, { claims }: Token): void {
  assert.ok(claims, 'a forged token');
  const { iss, aud, exp, nbf, serviceurl } = claims;
  assert.equal(iss, issuer);
  assert.ok(aud === botId || (Array.isArray(aud) && aud.includes(botId)));
  assert.ok(typeof exp === 'number' && exp > clock.now / 1000 - 301);
  assert.ok(nbf === undefined || (typeof nbf === 'number' && nbf < clock.now / 1000 + 301));
  const plainOf = (url: unknown) => String(url).toLowerCase().replace(':443/', '/').replace(/\/$/, '');
  assert.equal(plainOf(serviceurl), plainOf(activity.serviceUrl));
  assert.match(
    String(activity.serviceUrl),
    /^https:\/\/smba\.(?:trafficmanager\.net|infra\.gcc\.teams\.microsoft\.com)(?:\/[^?#@]*)?$/i,
  );
  assert.equal(activity.channelId, 'msteams');
  const shown = [
    (activity.conversation as { tenantId?: unknown } | null | undefined)?.tenantId,
    (activity.channelData as { tenant?: { id?: unknown } | null } | null | undefined)?.tenant?.id,
  ].filter((id) => id !== undefined && id !== null);
  assert.ok(shown.length > 0 && shown.every((id) => String(id).toLowerCase() === tenant));
}

fuzz({
  file: 'door',
  share: 0.51,
  what: 'the guard lets in whom it should, whatever the body, the length, the type and the token are',
  async one(random, record) {
    const person = random.pick(people);
    const plain = messageOf(person, pickPlace(random, person), 'help');
    const activity = random.once(3) ? plain : ((mutate(random, plain) ?? null) as Activity | null);
    const token = random.once(3) ? forged(random) : random.once(3) ? random.pick(tokens) : (tokens[0] as Token);
    const scheme = random.once(20)
      ? random.pick(['', 'bearer ', 'Basic ', 'Bearer  ', strangeText(random).slice(0, 99)])
      : 'Bearer ';
    const text = random.once(50) ? JSON.stringify(strangeValue(random)) : textOf(random, activity);
    const type = random.once(12) ? random.pick(types) : 'application/json';
    record(`${scheme}${token.text}\n${type}\n${text}`);
    clock.now += 1_000;
    const admission = await guard(
      requestOf(random, text, random.once(40) ? undefined : `${scheme}${token.text}`, type),
    );
    if (admission.ok) {
      happened.admitted += 1;
      mayComeIn(admission.inbound.activity as unknown as Record<string, unknown>, token);
      return;
    }
    assert.ok([400, 401, 403, 413, 429].includes(admission.status));
    assert.ok(admission.why !== '' && admission.why.length < 300, admission.why);
    assert.ok(!admission.why.includes(token.text) || token.text.length < 30, 'why it was refused repeats the token');
    if (admission.status === 400) happened.malformed += 1;
    if (admission.status === 401) happened.unauthorized += 1;
    if (admission.status === 403) happened.forbidden += 1;
    // A second a case: a minute must pass between two searches for a key that nobody published.
    assert.ok(timesAsked <= 4 + (2 * (clock.now / 1000 - seconds)) / 60, 'the keys were asked for too often');
  },
  happened: () => happened,
});
