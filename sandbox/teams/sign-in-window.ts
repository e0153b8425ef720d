import type { SandboxPerson } from '../contract.ts';

export interface SignInWindowOptions {
  /** Who signs in there, when it is not the person who pressed the button. */
  readonly as?: SandboxPerson;
  /** What they press there; `continue` unless told. */
  readonly decision?: 'continue' | 'cancel';
}

export interface SignInWindowEnd {
  /** What the last page handed over; undefined when it refused or the person cancelled. */
  readonly code?: string;
  /** Of the last page. */
  readonly status: number;
  readonly html: string;
  /** Every address on the way, without the query. */
  readonly visited: readonly string[];
}

const mostSteps = 12;

/** Opens a sign-in button's address as a browser would: redirects, cookies, the page where one picks who one is. */
export async function openSignInWindow(
  url: string,
  person: SandboxPerson,
  options: SignInWindowOptions = {},
): Promise<SignInWindowEnd> {
  const cookies = new Map<string, string>();
  const visited: string[] = [];
  let next: { url: URL; form?: URLSearchParams } = { url: new URL(url) };
  for (let step = 0; step < mostSteps; step += 1) {
    visited.push(next.url.origin + next.url.pathname);
    const response = await load(next, cookies);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location) {
      await response.body?.cancel();
      next = { url: new URL(location, next.url) };
      continue;
    }
    const html = await response.text();
    const code = /<body[^>]*\sdata-state="([^"]*)"/.exec(html)?.[1];
    const who = options.as ?? person;
    const filled = response.ok ? answerForm(html, next.url, who, options.decision ?? 'continue') : undefined;
    if (code !== undefined || !filled)
      return { ...(code && { code: unescaped(code) }), status: response.status, html, visited };
    next = filled;
  }
  throw new Error(`The sign-in went on and on: ${visited.join(' → ')}`);
}

async function load(
  { url, form }: { url: URL; form?: URLSearchParams },
  cookies: Map<string, string>,
): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { ...(cookie && { cookie }), accept: 'text/html' },
    ...(form && { method: 'POST', body: form }),
  });
  for (const line of response.headers.getSetCookie()) {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    if (at > 0) cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return response;
}

/** The page that asks who one is: its form goes back to its own address. Undefined when the page is another one. */
function answerForm(html: string, url: URL, person: SandboxPerson, decision: 'continue' | 'cancel') {
  const isAskingWho = html.includes('name="person"') && html.includes('name="decision"');
  return isAskingWho ? { url, form: new URLSearchParams({ person: person.key, decision }) } : undefined;
}

const unescaped = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
