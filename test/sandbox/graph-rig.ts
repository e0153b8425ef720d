import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createGraph, type GraphOptions, type GraphStandIn } from '../../sandbox/graph/graph.ts';
import { startEntra } from './entra-rig.ts';

export interface Entity {
  readonly [name: string]: unknown;
}

export interface GraphAnswer extends Entity {
  readonly value?: readonly Entity[];
  readonly '@odata.nextLink'?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly innerError: Entity };
}

export type GraphRig = Awaited<ReturnType<typeof startGraph>>;

/** Entra and Graph stand-ins together; tokens come from a real on-behalf-of exchange. */
export async function startGraph(t: TestContext, options: Pick<GraphOptions, 'pageSize' | 'syncDurationMs'> = {}) {
  let made: GraphStandIn | undefined;
  const rig = await startEntra(t, ({ context, seed, entra }) => {
    made = createGraph({ context, seed, verifyToken: entra.verifyGraphToken, ...options });
    return [made];
  });
  const graph = made ?? assert.fail('Graph was not made');

  const getToken = async (who: string) => {
    if (who === 'app') {
      const form = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
      return (await rig.askToken(form)).body.access_token ?? assert.fail('no app token');
    }
    const person = rig.getPerson(who);
    const tenantId = person.guestIn ?? person.tenantId;
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      assertion: await rig.entra.issueAssertion(person, { tenantId }),
      scope: 'https://graph.microsoft.com/.default',
    };
    return (await rig.askToken(form, tenantId)).body.access_token ?? assert.fail(`no token for ${who}`);
  };
  const send = (token: string, path: string, init: RequestInit = {}) =>
    fetch(path.startsWith('http') ? path : `${rig.server.baseUrl}/graph${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) },
    });
  const getId = (name: string) =>
    rig.seed.tokens.find((token) => token.displayName === name || token.locationName === name)?.id ??
    assert.fail(`No token is called ${name}`);
  const idOf = (name: string) => `/v1.0/deviceAppManagement/vppTokens/${getId(name)}`;

  return {
    ...rig,
    graph,
    getToken,
    send,
    getId,
    tokens: '/v1.0/deviceAppManagement/vppTokens',
    pathOf: idOf,
    /** As a person or the app; the body read as JSON where there is one. */
    async ask(who: string, path: string, init?: RequestInit) {
      const response = await send(await getToken(who), path, init);
      const text = await response.text();
      const body = (text === '' ? {} : JSON.parse(text)) as GraphAnswer;
      return { status: response.status, headers: response.headers, body };
    },
    sync(who: string, name: string) {
      return this.ask(who, `${idOf(name)}/syncLicenses`, { method: 'POST' });
    },
  };
}

/** Every `Message` or `message` on the way into a message that is JSON in JSON, outermost first. */
export function unwrapMessage(message: string): readonly string[] {
  if (!message.startsWith('{')) return [message];
  const { Message } = JSON.parse(message) as { Message: string };
  return [message, ...unwrapMessage(Message)];
}
