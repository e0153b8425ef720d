import { doubleEncoded, joined, plain, scopeSentence, singleEncoded } from '../support/error-bodies.ts';
import type { Random } from '../support/random.ts';
import { mutate, textOf } from './mutate.ts';
import { strangeText, strangeValue } from './strange-values.ts';
import { appRows, tokenRows } from './tenant.ts';

export interface Said {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const asJson = { 'content-type': 'application/json' };

/** A good answer to a request for this, made wrong: the properties of any kind, the list an object, the text cut off. */
export function mutatedAnswer(random: Random, url: string, good: unknown): Said {
  const body = random.once(8) ? good : mutate(random, many(random, url, good));
  return { status: 200, headers: asJson, body: textOf(random, body) };
}

/** Now and then with far more rows than usual, or one row again and again. */
function many(random: Random, url: string, good: unknown): unknown {
  if (!random.once(25) || !/\/(vppTokens|mobileApps)\?/.test(url)) return good;
  const rows = url.includes('mobileApps') ? appRows : tokenRows;
  const count = random.pick([0, 20, 300]);
  return {
    value: Array.from({ length: count }, (_, index) => ({
      ...rows[index % rows.length],
      ...(random.once(2) && { id: `x-${index}` }),
    })),
    '@odata.nextLink': random.pick([undefined, url, 'https://evil.example/v1.0/', strangeValue(random)]),
  };
}

const messages = ['An error has occurred', scopeSentence, 'Forbidden for Contoso.', ''];

/** An answer that is no success, in all the ways Graph, Intune and the gateways between have been seen to say so. */
export function refusal(random: Random): Said {
  const status = random.pick([
    400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 423, 429, 500, 502, 503, 504, 302, 304, 418,
  ]);
  const message = random.once(2) ? random.pick(messages) : strangeText(random);
  const body = random.pick([
    plain('Forbidden', message),
    singleEncoded(message),
    doubleEncoded(message),
    joined(message),
  ]);
  const mutated = random.once(2) ? body : textOf(random, mutate(random, parsed(body)));
  const text = random.pick([mutated, mutated, mutated, '<html><h1>Bad Gateway</h1></html>', '', strangeText(random)]);
  return { status, headers: { ...asJson, ...strangeHeaders(random) }, body: status === 304 ? '' : text };
}

function strangeHeaders(random: Random): Record<string, string> {
  const headers: Record<string, string> = {};
  if (random.once(3)) {
    headers['retry-after'] = random.pick([
      '0',
      '1',
      '-1',
      '999999999',
      '1e9',
      '0.5',
      'soon',
      '',
      'Mon, 23 Nov 2026 09:00:05 GMT',
      'Fri, 31 Dec 9999 23:59:59 GMT',
      'NaN',
      '99999999999999999999',
    ]);
  }
  if (random.once(6)) {
    const claims = random.pick(['{"access_token":{"nbf":{"essential":true}}}', '{', '[]', '\0', 'null']);
    headers['www-authenticate'] =
      `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
  }
  if (random.once(6))
    headers['request-id'] = random.pick(['x'.repeat(500), '12345678-1234-1234-1234-123456789012', '<b>']);
  return headers;
}

const parsed = (text: string): unknown => JSON.parse(text);

export const toResponse = ({ status, headers, body }: Said): Response =>
  new Response(status === 304 ? null : body, { status, headers });
