import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxPerson, SandboxTenant } from '../contract.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import { type ExecuteAction, isObject } from '../teams/activities.ts';
import { type ConnectorRequest, readLimitedBody } from '../teams/connector.ts';
import { parseConversationId, type TeamsConversation } from '../teams/conversations.ts';
import { isSeenBy, type TeamsEvent, type Timeline } from '../teams/timeline.ts';
import { type HappeningParts, happenings } from './happenings.ts';
import { seenMessage } from './seen-message.ts';

export interface PageApiParts extends HappeningParts {
  readonly people: readonly SandboxPerson[];
  readonly tenants: readonly SandboxTenant[];
}

/** A request of the page that cannot be carried out. The developer sees its message. */
class PageRequestError extends Error {
  override readonly name = 'PageRequestError';
}

type Fields = Readonly<Record<string, unknown>>;
type Answer = Promise<unknown> | unknown;
const mostBytes = 1024 * 1024;

/** The page's API: reads as GET, actions as POST with JSON. An undefined answer is 204. */
export function createPageApi(parts: PageApiParts) {
  const { client, graph, people, tenants } = parts;

  const actions: Readonly<Record<string, (fields: Fields) => Answer>> = {
    async '/say'(fields) {
      const { person, conversation } = where(fields);
      const said = text(fields, 'text');
      const options = {
        mention: fields.mention === true,
        // Teams sends its slash commands as targeted messages, which a personal chat has not.
        targeted: said.startsWith('/') && conversation.kind !== 'personal',
        ...(typeof fields.replyToThread === 'string' && { replyToThread: fields.replyToThread }),
      };
      await client.say(person, conversation, said, options);
    },
    '/press'(fields) {
      const { person, conversation } = where(fields);
      return client.press(person, conversation, text(fields, 'message'), action(fields));
    },
    async '/search'(fields) {
      const { person, conversation } = where(fields);
      const [dataset, query] = [text(fields, 'dataset'), text(fields, 'text')];
      return { found: await client.search(person, conversation, text(fields, 'message'), dataset, query) };
    },
    '/refresh'(fields) {
      const { person, conversation } = where(fields);
      return client.refresh(person, conversation, text(fields, 'message'), action(fields));
    },
    '/sign-in'(fields) {
      const { person, conversation } = where(fields);
      return client.completeSignIn(person, conversation, text(fields, 'message'), text(fields, 'code'));
    },
    async '/happen'(fields) {
      const wanted = happenings.find(({ key }) => key === fields.what);
      if (!wanted) throw new PageRequestError('There is no such thing to make happen.');
      const tokenId = text(fields, 'token');
      if (wanted.group === 'This connector' && !graph.findToken(tokenId)) throw new PageRequestError('It is gone.');
      const days = typeof fields.days === 'number' ? Math.trunc(fields.days) : 0;
      return { text: await wanted.run({ ...parts, ...where(fields), tokenId, days }) };
    },
  };

  function state(person: SandboxPerson): unknown {
    return {
      people: people.map((each) => ({
        key: each.key,
        name: each.name,
        title: each.title,
        role: each.role,
        teamsId: each.teamsId,
        tenant: tenants.find(({ id }) => id === each.tenantId)?.name ?? '',
      })),
      conversations: client.conversations
        .list()
        .filter(({ members }) => members.includes(person))
        .map((each) => seenConversation(each, person)),
      tokens: tokensSeenIn(client.conversations.personal(person).tenantId),
      happenings: happenings.map(({ key, title, group, takesDays }) => ({ key, title, group, takesDays })),
    };
  }

  function seenConversation(conversation: TeamsConversation, person: SandboxPerson): unknown {
    const { key, kind, name, team, members } = conversation;
    return {
      key,
      kind,
      name,
      teamName: team?.name,
      memberCount: members.length,
      suggestion: suggestionFor(conversation.tenantId),
      messages: client
        .messages(conversation)
        .filter((each) => isSeenBy(each, person))
        .map((each) => seenMessage(each, person)),
    };
  }

  const tokensSeenIn = (tenantId: string) =>
    [
      ...graph.listTokens(tenantId),
      ...graph.listConnectors(tenantId, 'push'),
      ...graph.listConnectors(tenantId, 'ade'),
    ].map((token) => ({ id: token.id, name: nameOf(token) }));

  function suggestionFor(tenantId: string): string {
    const [token] = graph.listTokens(tenantId);
    const [word = 'all'] = (token?.organizationName ?? '').toLowerCase().split(' ');
    return `sync vpp ${word || 'all'}`;
  }

  function personCalled(key: unknown): SandboxPerson {
    const found = people.find((each) => each.key === key);
    if (!found) throw new PageRequestError(`Nobody is called ${String(key)} here.`);
    return found;
  }

  function where(fields: Fields): { person: SandboxPerson; conversation: TeamsConversation } {
    const person = personCalled(fields.person);
    const conversation = client.conversations.find(text(fields, 'conversation'));
    if (!conversation?.members.includes(person))
      throw new PageRequestError(`${person.name} is not in that conversation.`);
    return { person, conversation };
  }

  return {
    async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
      try {
        if (request.method === 'GET' && url.pathname === '/events')
          return streamEvents(client.timeline, personCalled(url.searchParams.get('person')), response);
        if (request.method === 'GET' && url.pathname === '/state')
          return answer(response, state(personCalled(url.searchParams.get('person') ?? people[0]?.key)));
        if (request.method === 'GET' && url.pathname === '/requests')
          return answer(response, requestsAfter(parts.connector.requests, Number(url.searchParams.get('after'))));
        const run = Object.hasOwn(actions, url.pathname) ? actions[url.pathname] : undefined;
        if (request.method !== 'POST' || !run) return answer(response, { error: 'There is nothing here.' }, 404);
        answer(response, await run(await fieldsOf(request)));
      } catch (error) {
        if (!(error instanceof PageRequestError)) throw error;
        answer(response, { error: error.message }, 400);
      }
    },
  };
}

const mostRequests = 60;

/** The bot's newest requests to Teams, numbered from 1. A sign-in link is for one person: the others are not shown its key. */
const requestsAfter = (requests: readonly ConnectorRequest[], after: number) =>
  requests
    .map(({ at, method, path, status, body }, index) => ({ number: index + 1, at, method, path, status, body }))
    .slice(Math.max(after, requests.length - mostRequests))
    .map((request) => ({ ...request, body: request.body.replace(/([?&]request=)[^"&\\]+/g, '$1…') }));

function nameOf({ kind, organizationName, displayName, state }: SeedToken): string {
  if (kind === 'push') return `MDM push certificate (${state})`;
  return `${kind ? 'Enrolment token ' : ''}${displayName ?? organizationName} (${state})`;
}

/** Only JSON: a form on another site cannot send it without a preflight request. */
async function fieldsOf(request: IncomingMessage): Promise<Fields> {
  if (!request.headers['content-type']?.startsWith('application/json'))
    throw new PageRequestError('The page sends JSON.');
  const body = await readLimitedBody(request, mostBytes);
  try {
    const fields: unknown = JSON.parse(body ?? '');
    if (isObject(fields)) return fields;
  } catch {}
  throw new PageRequestError('The request is not a JSON object.');
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new PageRequestError(`${name} is missing.`);
  return value;
}

function action(fields: Fields): ExecuteAction {
  const { action: given } = fields;
  if (!isObject(given) || given.type !== 'Action.Execute')
    throw new PageRequestError('Only Action.Execute can be pressed.');
  return given as unknown as ExecuteAction;
}

function answer(response: ServerResponse, body: unknown, status = body === undefined ? 204 : 200): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** Streams all events that one person can see to their page (server-sent events) until they leave. */
function streamEvents(timeline: Timeline, person: SandboxPerson, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': connected\n\n');
  const pass = (event: TeamsEvent) => {
    const seen = seenEvent(event, person);
    if (seen) response.write(`data: ${JSON.stringify(seen)}\n\n`);
  };
  timeline.events.on('event', pass);
  response.on('close', () => timeline.events.off('event', pass));
}

/** Undefined for what this person's Teams would not show. Everybody sees deliveries: they are for the developer. */
function seenEvent(event: TeamsEvent, person: SandboxPerson): object | undefined {
  if (event.kind === 'request' || event.kind === 'reset') return { kind: event.kind };
  if (event.kind === 'delivery') {
    const { what, outcome, problem, conversation } = event;
    const by = event.person?.name;
    return { kind: 'delivery', what, by, conversation: conversation.key, ...outcome, problem };
  }
  const conversation = 'message' in event ? event.message.conversation : event.conversation;
  if (!conversation.members.includes(person)) return undefined;
  if ('message' in event && !isSeenBy(event.message, person)) return undefined;
  if ('person' in event && event.person !== person) return undefined;
  switch (event.kind) {
    case 'typing': {
      const thread = parseConversationId(event.conversationId);
      return {
        kind: 'typing',
        conversation: conversation.key,
        rootId: thread === 'malformed' ? undefined : thread.rootId,
      };
    }
    case 'toast':
      return { kind: 'toast', conversation: conversation.key, text: event.text };
    default:
      return { kind: event.kind, message: seenMessage(event.message, person) };
  }
}
