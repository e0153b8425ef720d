import type { SandboxPerson } from '../contract.ts';
import { isObject, oauthCardType, type SignInCard } from './activities.ts';
import type { BotLine } from './bot-line.ts';
import type { DeliveryOutcome } from './delivery.ts';
import { currentVersion, type TeamsMessage, type Timeline } from './timeline.ts';

/** What Teams clients do, unasked, when a bot sends an OAuthCard. Source: facts/teams-platform.md §2.1. */
export function createSignInCards(parts: {
  readonly line: BotLine;
  readonly timeline: Timeline;
  readonly sso: SilentSignIn;
}) {
  const { line, timeline, sso } = parts;

  function invoke(
    person: SandboxPerson,
    message: TeamsMessage,
    name: string,
    value: unknown,
  ): Promise<DeliveryOutcome> {
    const { conversation, conversationId, id } = message;
    const judge = ({ status }: DeliveryOutcome) =>
      status === 200 || status === 412 ? undefined : `The bot answered HTTP ${status} to ${name}.`;
    return line.invoke(person, conversation, { conversationId, name, value, replyToId: id }, judge);
  }

  function offer(person: SandboxPerson, message: TeamsMessage, card: SignInCard): void {
    const button = findSignInButton(card);
    if (button) timeline.offerSignIn(message.conversation, message.id, person, { kind: 'oauthCard', ...button });
  }

  async function answer(person: SandboxPerson, message: TeamsMessage, card: SignInCard): Promise<void> {
    const resource = card.tokenExchangeResource;
    const mode = sso.modeOf(person);
    if (!resource || mode === 'off') return offer(person, message, card);
    if (mode === 'failing' || message.conversation.kind === 'channel') {
      const code = mode === 'failing' ? 'installedappnotfound' : 'resourcematchfailed';
      await invoke(person, message, 'signin/failure', { code, message: 'Silent sign-in is not possible here.' });
      return offer(person, message, card);
    }
    const token = await sso.issueAssertion(person);
    const value = { id: resource.id, connectionName: card.connectionName, token };
    const outcome = await invoke(person, message, 'signin/tokenExchange', value);
    if (outcome.status !== 200) offer(person, message, card);
  }

  return {
    /** Looks at a new message of the bot; settles when every client that answers has been answered. */
    async meet(message: TeamsMessage): Promise<void> {
      const card = findOAuthCard(message);
      if (!card) return;
      const asker = askerOf(message, timeline);
      const others = sso.doOthersAnswer() ? message.conversation.members.filter((each) => each !== asker) : [];
      await Promise.all([asker, ...others].map((person) => person && answer(person, message, card)));
    },
    /** Sends the code that the sign-in window brought. */
    async finish(person: SandboxPerson, message: TeamsMessage, state: string): Promise<DeliveryOutcome> {
      const outcome = await invoke(person, message, 'signin/verifyState', { state });
      if (outcome.status === 200) timeline.offerSignIn(message.conversation, message.id, person, undefined);
      return outcome;
    },
  };
}

export function findOAuthCard(message: TeamsMessage): SignInCard | undefined {
  const attachments = currentVersion(message).activity.attachments ?? [];
  const content = attachments.find((each) => each.contentType === oauthCardType)?.content;
  return isObject(content) ? (content as SignInCard) : undefined;
}

/** Whose client the card is for: who wrote the message it answers, else who wrote last. */
function askerOf(message: TeamsMessage, timeline: Timeline): SandboxPerson | undefined {
  const { conversation } = message;
  if (conversation.kind === 'personal') return conversation.members[0];
  const { replyToId } = currentVersion(message).activity;
  const answered = replyToId ? timeline.find(conversation, replyToId) : undefined;
  const people = [answered, ...timeline.list(conversation).toReversed()].map((each) => each?.author);
  return people.find((author): author is SandboxPerson => author !== undefined && author !== 'bot');
}

/** The button of a sign-in card; undefined when it has none that Teams would open. */
export function findSignInButton(card: SignInCard): { title: string; url: string; text: string } | undefined {
  const button = card.buttons?.find((each) => each.type === 'signin');
  if (!button || !URL.canParse(button.value)) return undefined;
  return { title: button.title ?? 'Sign in', url: button.value, text: card.text ?? '' };
}

export interface SignInWindowOptions {
  /** Who signs in there, when it is not the person who pressed the button. */
  readonly as?: SandboxPerson;
  /** What they press there; `continue` unless told. */
  readonly decision?: 'continue' | 'cancel';
}

interface SignInWindowEnd {
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

/**
 * How a person's Teams client meets a request for a token: `silent` answers it unseen, `off` shows the button at once,
 * `failing` tells the bot `signin/failure` and then shows the button.
 */
type SsoMode = 'silent' | 'off' | 'failing';

export type SilentSignIn = ReturnType<typeof createSilentSignIn>;

export function createSilentSignIn(issueAssertion: (person: SandboxPerson) => Promise<string>) {
  const modes = new Map<string, SsoMode>();
  let othersAnswer = false;
  return {
    issueAssertion,
    modeOf: (person: SandboxPerson): SsoMode => modes.get(person.key) ?? 'silent',
    setSso(person: SandboxPerson, mode: SsoMode): void {
      modes.set(person.key, mode);
    },
    /** Whether other members' clients answer an OAuthCard meant for somebody else; nobody has seen what Teams does. Off at the start. */
    setOthersAnswer(on: boolean): void {
      othersAnswer = on;
    },
    doOthersAnswer: () => othersAnswer,
  };
}
