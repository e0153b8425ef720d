import { randomUUID } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { SandboxPerson, StandIn } from '../sandbox/contract.ts';
import { readBody } from '../sandbox/server.ts';
import { botId } from './world.ts';

const tokenCount = 200;
const answerWithinMs = 15_000;

interface ReceivedActivity {
  readonly type: string;
  readonly attachments?: readonly { readonly contentType: string; readonly content: CardContent }[];
}

interface CardContent {
  readonly tokenExchangeResource?: { readonly id: string };
  readonly connectionName?: string;
}

interface Posted {
  readonly status: number;
  readonly body: string;
}

export type Answer = NonNullable<ReceivedActivity['attachments']>[number] & { readonly text: string };

interface ChannelOptions {
  readonly baseUrl: () => string;
}

/**
 * Teams' channel, as light as it can be so that the bot is what is measured: signs messages with tokens in rotation, and resolves
 * each one when a card comes back for its conversation. Edits and typing signs are taken and not looked at.
 */
export async function createChannel({ baseUrl }: ChannelOptions) {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const kid = 'bench-channel';
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig', endorsements: ['msteams'] };
  const waiting = new Map<string, (answer: Answer) => void>();
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  let tokens: readonly string[] = [];
  let activities = 0;
  let answers = 0;
  let botUrls: readonly string[] = [];

  const issuer = () => `${baseUrl()}/connector`;
  const serviceUrl = () => `${baseUrl()}/connector/`;

  async function signTokens(): Promise<void> {
    const sign = () =>
      new SignJWT({ serviceurl: serviceUrl(), jti: randomUUID() })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
        .setIssuer(issuer())
        .setAudience(botId)
        .setIssuedAt()
        .setNotBefore('0s')
        .setExpirationTime('2h')
        .sign(privateKey);
    tokens = await Promise.all(Array.from({ length: tokenCount }, sign));
  }

  /** Resolves to the status and body that the bot answers with. */
  function post(activity: object): Promise<Posted> {
    activities += 1;
    return send(Buffer.from(JSON.stringify(activity)), activities);
  }

  /** The processes of the bot take turns, as behind a load balancer. */
  function send(body: Buffer, turn: number): Promise<Posted> {
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      authorization: `Bearer ${tokens[turn % tokens.length]}`,
    };
    const botUrl = botUrls[turn % botUrls.length];
    return new Promise((resolve, reject) => {
      const sent = httpRequest(`${botUrl}/api/messages`, { method: 'POST', agent, headers }, (response) => {
        readBody(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), reject);
      });
      // The bot may close a connection that was idle in the moment in which it is used again.
      sent.once('error', (error) => (sent.reusedSocket ? resolve(send(body, turn)) : reject(error)));
      sent.end(body);
    });
  }

  function activityOf(person: SandboxPerson, type: string) {
    return {
      type,
      id: String(1_700_000_000_000 + activities),
      channelId: 'msteams',
      serviceUrl: serviceUrl(),
      timestamp: new Date().toISOString(),
      locale: person.locale,
      localTimezone: 'Europe/Zurich',
      from: { id: person.teamsId, name: person.name, aadObjectId: person.aadObjectId },
      recipient: { id: `28:${botId}`, name: 'VPP Sync' },
      conversation: { id: conversationOf(person), conversationType: 'personal', tenantId: person.tenantId },
      channelData: { tenant: { id: person.tenantId } },
      entities: [
        { type: 'clientInfo', locale: person.locale, country: 'CH', platform: 'Web', timezone: 'Europe/Zurich' },
      ],
    };
  }

  /**
   * Says something to the bot as this person, `times` at the same moment, each to another process. Resolves when the card that answers
   * it has arrived at the connector, and every request was answered.
   */
  async function say(person: SandboxPerson, text: string, times = 1): Promise<Answer> {
    const answered = nextAnswerTo(person, text);
    const activity = { ...activityOf(person, 'message'), text, textFormat: 'plain' };
    const posted = Promise.all(Array.from({ length: times }, () => post(activity)));
    const refused = posted.then((all) => {
      for (const { status, body } of all)
        if (status < 200 || status > 299) throw new Error(`"${text}" was answered ${status}: ${body.slice(0, 200)}`);
      return answered.card;
    });
    try {
      return await (times === 1 ? Promise.race([answered.card, refused]) : refused);
    } finally {
      answered.stop();
    }
  }

  function nextAnswerTo(person: SandboxPerson, text: string) {
    const { promise: card, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(
      () => reject(new Error(`no card for "${text}" within ${answerWithinMs} ms`)),
      answerWithinMs,
    );
    waiting.set(conversationOf(person), resolve);
    return { card, stop: () => clearTimeout(timer) };
  }

  /** Answers the bot's sign-in card as a Teams client does. Resolves when the card of the interrupted command has arrived. */
  async function exchange(person: SandboxPerson, { content }: Answer, assertion: string): Promise<Answer> {
    const answered = nextAnswerTo(person, 'the sign-in');
    const value = { id: content.tokenExchangeResource?.id, connectionName: content.connectionName, token: assertion };
    try {
      const { status, body } = await post({ ...activityOf(person, 'invoke'), name: 'signin/tokenExchange', value });
      if (status !== 200) throw new Error(`the sign-in was answered ${status}: ${body.slice(0, 200)}`);
      return await answered.card;
    } finally {
      answered.stop();
    }
  }

  function receive(conversation: string, text: string): void {
    const { type, attachments } = JSON.parse(text) as ReceivedActivity;
    const [first] = attachments ?? [];
    if (type !== 'message' || !first) return;
    answers += 1;
    waiting.get(conversation)?.({ ...first, text });
    waiting.delete(conversation);
  }

  async function handle(request: IncomingMessage, response: ServerResponse, { pathname }: URL): Promise<void> {
    const text = await readBody(request);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    if (pathname.endsWith('/openidconfiguration')) {
      const jwksUri = `${baseUrl()}/connector/.well-known/keys`;
      response.end(JSON.stringify({ issuer: issuer(), jwks_uri: jwksUri }));
    } else if (pathname.endsWith('/keys')) {
      response.end(JSON.stringify({ keys: [jwk] }));
    } else {
      activities += 1;
      response.end(JSON.stringify({ id: String(1_700_000_000_000 + activities) }));
      const conversation = /^\/v3\/conversations\/([^/]+)\/activities/.exec(pathname)?.[1];
      if (conversation && request.method === 'POST') receive(decodeURIComponent(conversation), text);
    }
  }

  const standIn: StandIn = { prefix: '/connector', handle };
  return {
    standIn,
    signTokens,
    say,
    exchange,
    issuer,
    serviceUrl,
    connectBots(urls: readonly string[]) {
      botUrls = urls;
    },
    /** Cards that were posted so far. */
    countAnswers: () => answers,
    stop: () => agent.destroy(),
  };
}

const conversationOf = ({ key }: SandboxPerson) => `a:1bench-${key}`;
