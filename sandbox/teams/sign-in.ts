import type { SandboxPerson } from '../contract.ts';
import { isObject, oauthCardType, type SignInCard } from './activities.ts';
import type { BotConnection } from './delivery.ts';
import { currentVersion, type DeliveryOutcome, type TeamsMessage, type Timeline } from './timeline.ts';

/**
 * How a person's Teams client reacts to an OAuthCard: `silent` answers with a token, `off` shows the button, `failing` sends
 * `signin/failure` to the bot and then shows the button.
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
    reset: () => modes.clear(),
    /** Lets other members' clients answer an OAuthCard as well; off by default. Teams' own behaviour is not documented. */
    setOthersAnswer(on: boolean): void {
      othersAnswer = on;
    },
    doOthersAnswer: () => othersAnswer,
  };
}

/**
 * Teams clients' reaction to an OAuthCard.
 * Source: learn.microsoft.com/microsoftteams/platform/bots/how-to/authentication/bot-sso-overview.
 */
export function createSignInCards(parts: {
  readonly bot: BotConnection;
  readonly timeline: Timeline;
  readonly sso: SilentSignIn;
}) {
  const { bot, timeline, sso } = parts;

  function invoke(
    person: SandboxPerson,
    message: TeamsMessage,
    name: string,
    value: unknown,
  ): Promise<DeliveryOutcome> {
    const { conversation, conversationId, id } = message;
    const judge = ({ status }: DeliveryOutcome) =>
      status === 200 || status === 412 ? undefined : `The bot answered HTTP ${status} to ${name}.`;
    return bot.invoke(person, conversation, { conversationId, name, value, replyToId: id }, judge);
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
    /** Lets the clients react to a new message of the bot. Resolves once the bot has answered all of them. */
    async react(message: TeamsMessage): Promise<void> {
      const card = findOAuthCard(message);
      if (!card) return;
      const asker = findAsker(message, timeline);
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

/** The person whose client reacts: the author of the message it replies to, or else whoever wrote last. */
function findAsker(message: TeamsMessage, timeline: Timeline): SandboxPerson | undefined {
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
  /** Somebody else than the person who pressed the button. */
  readonly as?: SandboxPerson;
  /** `continue` by default. */
  readonly decision?: 'continue' | 'cancel';
}

interface SignInWindowEnd {
  /** The code that the last page shows; undefined when it refused or the person cancelled. */
  readonly code?: string;
  /** HTTP status of the last page. */
  readonly status: number;
  readonly html: string;
  /** Every address visited, without the query. */
  readonly visited: readonly string[];
}

const mostSteps = 12;

/** Opens a sign-in button's address as a browser does: redirects, cookies, and the page for picking a person. */
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
  throw new Error(`The sign-in window does not end: ${visited.join(' → ')}`);
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

/** The rehearsal's page for picking a person, filled in. Undefined for any other page. */
function answerForm(html: string, url: URL, person: SandboxPerson, decision: 'continue' | 'cancel') {
  const isAskingWho = html.includes('name="person"') && html.includes('name="decision"');
  return isAskingWho ? { url, form: new URLSearchParams({ person: person.key, decision }) } : undefined;
}

const unescaped = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
