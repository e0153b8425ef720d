import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxPerson, SandboxTenant } from '../contract.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import type { TeamsConversation } from '../teams/conversations.ts';
import { readLimitedBody } from '../teams/read-limited-body.ts';
import { type ExecuteAction, isObject } from '../teams/wire.ts';
import { type HappeningParts, happenings } from './happenings.ts';
import { streamEvents } from './live-events.ts';
import { seenMessage } from './seen-message.ts';

export interface PageApiParts extends HappeningParts {
  readonly people: readonly SandboxPerson[];
  readonly tenants: readonly SandboxTenant[];
}

/** A request of the page that cannot be carried out; its message is shown to the developer. */
export class PageRequestError extends Error {
  override readonly name = 'PageRequestError';
}

type Fields = Readonly<Record<string, unknown>>;
type Answer = Promise<unknown> | unknown;

const mostBytes = 1024 * 1024;

/** What the page asks of the sandbox: reads as GET, actions as POST with JSON. Undefined answers are 204. */
export function createPageApi(parts: PageApiParts) {
  const { client, graph, people, tenants } = parts;

  const actions: Readonly<Record<string, (fields: Fields) => Answer>> = {
    async '/say'(fields) {
      const { person, conversation } = where(fields);
      const options = {
        mention: fields.mention === true,
        ...(typeof fields.replyToThread === 'string' && { replyToThread: fields.replyToThread }),
      };
      await client.say(person, conversation, text(fields, 'text'), options);
    },
    '/press'(fields) {
      const { person, conversation } = where(fields);
      return client.press(person, conversation, text(fields, 'message'), action(fields));
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
      if (wanted.group === 'This token' && !graph.findToken(tokenId)) throw new PageRequestError('That token is gone.');
      return { text: await wanted.run({ ...parts, ...where(fields), tokenId }) };
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
      happenings: happenings.map(({ key, title, group }) => ({ key, title, group })),
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
      messages: client.messages(conversation).map((each) => seenMessage(each, person)),
    };
  }

  const tokensSeenIn = (tenantId: string) =>
    graph.listTokens(tenantId).map((token) => ({ id: token.id, name: nameOf(token) }));

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

const nameOf = ({ organizationName, displayName, state }: SeedToken) => `${displayName ?? organizationName} (${state})`;

/** JSON alone: a form on another site cannot send it without asking first. */
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
