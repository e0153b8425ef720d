import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, suite, test } from 'node:test';
import { type BotProcess, findFreePort, isHealthyWithin, startBotProcess } from '../../sandbox/bot-process.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { findOAuthCard } from '../../sandbox/teams/sign-in.ts';
import type { TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { createLogId } from '../../src/telemetry/log.ts';
import { mainPath } from '../support/bot-code.ts';
import { startCollector } from '../support/otlp-collector.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';

const canary = (what: string) => `canary-${what}-7Qm2xVz9`;
const secrets = {
  graphToken: canary('graph-token'),
  clientSecret: canary('client-secret'),
  botPassword: canary('bot-password'),
  claim: canary('claim'),
  tokenCacheKey: Buffer.from(canary('key').padEnd(32, '0').slice(0, 32)).toString('base64'),
};

/** Everything that left the bot or was kept by it, by where it was found. */
const found: { readonly where: string; readonly text: string }[] = [];
const keep = (where: string, ...texts: readonly string[]) => found.push(...texts.map((text) => ({ where, text })));

let sandbox: Sandbox;
let bot: BotProcess;
let folder: string;
let metricsPort: string;
let collector: Awaited<ReturnType<typeof startCollector>>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vpp-sync-'));
  sandbox = await startSandbox({ syncDurationMs: 300, clientSecret: secrets.clientSecret });
  sandbox.connector.setRateLimits(false);
  const port = String(await findFreePort(0));
  metricsPort = String(await findFreePort(0));
  collector = await startCollector();
  const env = sandbox.env({
    PORT: port,
    METRICS_PORT: metricsPort,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of-the-collector',
    BOT_PASSWORD: secrets.botPassword,
    TOKEN_CACHE_KEY: secrets.tokenCacheKey,
    DATABASE_URL: `sqlite:${join(folder, 'bot.db')}`,
    SYNC_COOLDOWN_S: '0',
    LOG_LEVEL: 'trace',
  });
  bot = startBotProcess({ path: mainPath, env, onLine: (line) => keep('log', line) });
  const url = `http://127.0.0.1:${port}`;
  assert.ok(await isHealthyWithin(url, 20_000, new AbortController().signal));
  sandbox.connectBot(url);
  sandbox.graph.controls.revealTokenSecret(secrets.graphToken);
  sandbox.client.events.on('event', (event) => {
    if (event.kind === 'delivery') keep(`answer to ${event.what}`, JSON.stringify(event.outcome.body ?? null));
  });
});

after(async () => {
  await bot.stop();
  await sandbox.stop();
  await collector.stop();
  await rm(folder, { recursive: true });
});

const answersIn = (conversation: TeamsConversation) =>
  sandbox.client.messages(conversation).filter(({ author }) => author === 'bot');

const typed: string[] = [];

/** Says something and waits for an answer of the bot's with these words. */
async function sayAndWait(
  key: string,
  conversation: TeamsConversation,
  text: string,
  words: RegExp,
): Promise<TeamsMessage> {
  const { client } = sandbox;
  typed.push(text);
  const earlier = new Set(answersIn(conversation).map(({ id, versions }) => `${id} ${versions.length}`));
  await client.say(sandbox.person(key), conversation, text, { mention: conversation.kind !== 'personal' });
  return client.waitFor(
    () =>
      answersIn(conversation).findLast(
        (message) => words.test(wordsOf(message)) && !earlier.has(`${message.id} ${message.versions.length}`),
      ),
    10_000,
    `${words} after “${text}”`,
  );
}

/** Whatever a page says, without the script that makes it work. */
async function visit(path: string): Promise<void> {
  const base = path === '/metrics' ? `http://127.0.0.1:${metricsPort}` : sandbox.connector.findBotUrl();
  const response = await fetch(`${base}${path}`, { redirect: 'manual' });
  keep(`page ${path}`, `${JSON.stringify([...response.headers])} ${withoutScript(await response.text())}`);
}
const withoutScript = (html: string) => html.replace(/<script[\s\S]*?<\/script>/g, '');

suite('a day of work, well and badly', () => {
  test('syncs in every kind of conversation, signed in silently and by the window', async () => {
    const { client, conversations, graph, person } = sandbox;
    const ada = person('ada');
    const chat = conversations.personal(ada);
    await sayAndWait('ada', chat, 'sync vpp adatum', /Sync completed/);
    await sayAndWait('elif', conversations.group, 'sync vpp adventure works', /Sync completed/);
    await sayAndWait('ada', chat, 'sync vpp contoso', /matches \d+ tokens/);
    await sayAndWait('ada', chat, 'sign out', /signed out/);
    client.setSso(ada, 'off');
    const card = await sayAndWait('ada', conversations.channel, 'sync vpp adatum', /Continue/);
    await client.press(ada, conversations.channel, card.id, buttonOn(card, 'Continue'));
    const window = await client.signInThroughButton(ada, conversations.channel, card.id);
    keep('page /auth/end', withoutScript(window.html));
    await client.waitFor(
      () => answersIn(conversations.channel).some((each) => /Sync completed/.test(wordsOf(each))),
      10_000,
    );
    client.setSso(ada, 'silent');
    graph.controls.setSyncDuration(2500);
    await sayAndWait('ada', chat, 'sync vpp adatum', /Syncing/);
    graph.controls.failNext(2, { method: 'GET', fault: { kind: 'status', status: 403 } });
    await client.waitFor(() => graph.requests.some(({ personOid }) => personOid === 'app'), 10_000);
  });

  test('everything Graph and Entra can answer badly', async () => {
    const { conversations, entra, graph } = sandbox;
    const chat = conversations.personal('elif');
    for (const fault of [
      { kind: 'status', status: 400 },
      { kind: 'status', status: 403 },
      { kind: 'status', status: 404 },
      { kind: 'status', status: 429, retryAfterS: 60 },
      { kind: 'html', status: 200 },
      { kind: 'emptyBody' },
      { kind: 'foreignNextLink', url: `https://evil.example.com/${secrets.claim}` },
    ] as const) {
      graph.controls.failNext(1, { method: 'GET', path: '/vppTokens', fault });
      await sayAndWait('elif', chat, 'sync vpp adatum', /Reference/);
    }
    graph.controls.failNoMore();
    for (const fault of [
      { kind: 'status', status: 403 },
      { kind: 'status', status: 400 },
    ] as const) {
      graph.controls.failNext(1, { method: 'POST', fault });
      await sayAndWait('elif', chat, 'sync vpp wingtip', /invalid/);
      await sayAndWait('elif', chat, 'sync vpp adventure works', /Reference/);
    }
    graph.controls.failNext(1, { method: 'POST', fault: { kind: 'reset' } });
    await sayAndWait('elif', chat, 'sync vpp adatum', /Sync/);
    graph.controls.failNext(1, { method: 'GET', fault: { kind: 'claimsChallenge' } });
    await sayAndWait('elif', chat, 'status vpp adatum', /^$/);
    await sayAndWait('elif', chat, 'sign out', /signed out/);
    entra.controls.failNext(1, { kind: 'unavailable' });
    await sayAndWait('elif', chat, 'sync vpp adatum', /Entra didn’t answer/);
    entra.controls.failNext(2, { kind: 'expiredAssertion' });
    await sayAndWait('elif', chat, 'sync vpp adatum', /had expired, twice/);
  });

  test('sign-ins and presses that are forged', async () => {
    const { client, connector, conversations, entra, person } = sandbox;
    const ada = person('ada');
    const chat = conversations.personal(ada);
    const claims = { name: secrets.claim, canary: secrets.claim };
    const assertions = [
      await entra.issueAssertion(ada, { claims: { ...claims, aud: secrets.claim } }),
      await entra.issueAssertion(ada, { claims, key: 'wrong' }),
      await entra.issueAssertion(ada, { claims: { ...claims, oid: person('elif').aadObjectId } }),
      `${secrets.claim}.${secrets.claim}.${secrets.claim}`,
    ];
    for (const token of assertions.slice(0, 3)) assert.match(token, aJwt, 'or it would not be known when it leaks');
    client.setSso(ada, 'off');
    await sayAndWait('ada', chat, 'sign out', /signed out/);
    await sayAndWait('ada', chat, 'status adatum', /^$/);
    const card = findOAuthCard(answersIn(chat).at(-1) ?? assert.fail());
    const id = card?.tokenExchangeResource?.id;
    for (const token of assertions) {
      const sent = { conversationId: chat.id, value: { id, connectionName: 'vpp-sync', token } };
      const { body } = await connector.deliver(
        client.activities.invoke(ada, chat, { ...sent, name: 'signin/tokenExchange' }),
      );
      keep('answer to a forged exchange', JSON.stringify(body));
      keep('answer to a forged press', JSON.stringify(await press(token)));
    }
    async function press(token: string) {
      const value = {
        action: { type: 'Action.Execute', verb: secrets.claim, data: { id: secrets.claim } },
        trigger: 'manual',
        authentication: { id, token },
      };
      return connector.deliver(
        client.activities.invoke(ada, chat, { conversationId: chat.id, name: 'adaptiveCard/action', value }),
      );
    }
    const failure = { conversationId: chat.id, name: 'signin/failure', value: { code: 'x', message: assertions[0] } };
    await connector.deliver(client.activities.invoke(ada, chat, failure));
    const message = client.activities.message(ada, chat, {
      id: client.timeline.nextId(),
      conversationId: chat.id,
      text: 'hi',
      mention: false,
    });
    for (const overrides of [
      { flaw: 'foreignKey' as const },
      { authorization: `Bearer ${assertions[0]}` },
      { rawBody: '{' },
    ]) {
      await connector.deliver(message, overrides);
    }
    client.setSso(ada, 'silent');
  });

  test('a client secret that Entra no longer takes', async () => {
    sandbox.entra.controls.rotateClientSecret();
    await sayAndWait(
      'elif',
      sandbox.conversations.personal('elif'),
      'sync vpp adatum',
      /Entra rejected the bot’s own credentials/,
    );
  });

  test('every page', async () => {
    for (const path of [
      '/healthz',
      '/readyz',
      '/metrics',
      '/privacy',
      '/terms',
      '/auth/start',
      '/auth/start?request=x',
    ]) {
      await visit(path);
    }
    for (const query of ['', '?code=x&state=y', `?error=${secrets.claim}&error_description=${secrets.claim}&state=z`]) {
      await visit(`/auth/end${query}`);
    }
  });
});

/** Its header and its payload are JSON objects; an id that begins like one by chance is none. */
const aJwt = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/;

test('no secret is anywhere in the database’s files, as bytes, while the bot runs and after', async () => {
  await noSecretInFiles();
  await bot.stop();
  await noSecretInFiles();
});

test('no secret is in an activity, an answer, a log line, a page, a metric, a span or a stored row', async () => {
  await bot.stop();
  keep('activity', ...sandbox.connector.requests.map(({ path, body }) => `${decodeURIComponent(path)} ${body}`));
  keep('row', ...rowsOf(join(folder, 'bot.db')));
  keep('span', ...collector.texts);
  const places = Map.groupBy(found, ({ where }) => where.split(' ')[0] ?? '');
  for (const [place, least] of [
    ['activity', 30],
    ['log', 20],
    ['row', 20],
    ['page', 10],
    ['answer', 20],
    ['span', 1],
  ] as const) {
    assert.ok((places.get(place)?.length ?? 0) >= least, `${place}: ${places.get(place)?.length}`);
  }
  assert.ok(found.some(({ where, text }) => where === 'page /metrics' && /vpp_graph_request_duration/.test(text)));
  for (const { where, text } of found) {
    for (const [name, secret] of Object.entries(secrets)) {
      assert.ok(!text.includes(secret), `${name} in ${where}: ${text.slice(0, 300)}`);
    }
    // Every token of the rehearsal is a JWT: assertions, Graph's, the app's and the channel's.
    assert.doesNotMatch(text, aJwt, `a token in ${where}`);
  }
});

test('no name, account, id of a person or a conversation, typed text or token’s name is in a log line or a span', () => {
  const { people, conversations } = sandbox;
  const lines = found.filter(({ where }) => where === 'log' || where === 'span').map(({ text }) => text);
  const personal = people.map((person) => conversations.personal(person).id);
  const places = [conversations.group, conversations.channel].map(({ id }) => id.split(';')[0] ?? id);
  const never = [
    ...people.flatMap((each) => [each.name, each.userPrincipalName, each.teamsId, each.aadObjectId]),
    ...personal,
    ...places,
    ...places.map((id) => encodeURIComponent(id)),
    ...typed.filter((text) => text.length > 5),
    'adatum',
    'contoso',
    'wingtip',
    'adventure works',
  ].map((text) => text.toLowerCase());
  const parts = people.flatMap(({ name }) => name.split(' ')).filter((name) => name.length > 2);
  assert.ok(never.length > 50 && lines.length > 50, `${never.length} ${lines.length}`);
  for (const line of lines) {
    for (const text of never) assert.ok(!line.toLowerCase().includes(text), `“${text}” in ${line}`);
    for (const name of parts) assert.doesNotMatch(line, new RegExp(`\\b${name}\\b`), line);
  }
});

test('a sync is one trace: from the turn that signed in to Entra, Graph, Teams and its end', () => {
  const { spans, requests } = collector;
  for (const { headers } of requests) assert.equal(headers['x-key'], 'of-the-collector');
  const [sync = assert.fail('no sync was traced')] = spans.filter(({ name }) => name === 'sync');
  const trace = spans.filter(({ traceId }) => traceId === sync.traceId);
  const names = new Set(trace.map(({ name }) => name));
  for (const name of ['turn', 'entra token', 'graph GET', 'graph POST', 'teams post', 'teams edit'])
    assert.ok(names.has(name), `${name} is not among ${[...names].join(', ')}`);
  const known = /^(kind|flow|outcome|http\.request\.method|http\.response\.status_code|url\.template)$/;
  for (const { attributes } of spans) for (const name of Object.keys(attributes)) assert.match(name, known);
});

test('somebody who knows a person’s id finds in the log what that person did, and what was answered', () => {
  const ada = sandbox.person('ada');
  const lines = found.filter(({ where }) => where === 'log').map(({ text }) => JSON.parse(text));
  const turns = lines.filter(({ msg, person }) => msg === 'a turn began' && person === logIdOf(ada.aadObjectId));
  assert.ok(turns.length > 5);
  const references = new Set(lines.map(({ correlationId }) => correlationId));
  const shown = sandbox.connector.requests.flatMap(({ body }) => body.match(/Reference: [\da-f]{10}/g) ?? []);
  assert.ok(shown.length > 5);
  for (const each of shown) assert.ok(references.has(each.slice('Reference: '.length)), each);
});

test('nothing is written but with the token of the person who asked; the app’s token only reads', () => {
  const { requests } = sandbox.graph;
  const people = ['ada', 'elif'].map((key) => sandbox.person(key).aadObjectId);
  const writes = requests.filter(({ method }) => method !== 'GET');
  assert.ok(writes.length >= 5);
  for (const { personOid, path } of writes) {
    assert.ok(people.includes(personOid), personOid);
    assert.match(path, /syncLicenses$/);
  }
  const byApp = requests.filter(({ personOid }) => personOid === 'app');
  assert.ok(byApp.length > 0);
  assert.ok(byApp.every(({ method }) => method === 'GET'));
});

async function noSecretInFiles(): Promise<void> {
  const names = await readdir(folder);
  assert.ok(names.includes('bot.db'));
  for (const name of names) {
    const bytes = (await readFile(join(folder, name))).toString('latin1');
    for (const [what, secret] of Object.entries(secrets)) assert.ok(!bytes.includes(secret), `${what} in ${name}`);
    assert.doesNotMatch(bytes, aJwt, `a token in ${name}`);
  }
}

function logIdOf(id: string): string {
  const key = Buffer.from(secrets.tokenCacheKey, 'base64');
  return createLogId(() => Buffer.from(hkdfSync('sha256', key, 'vpp-sync', 'log ids 1', 32)))(id);
}

function rowsOf(file: string): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
    return tables.flatMap(({ name }) =>
      db
        .prepare(`SELECT * FROM "${name}"`)
        .all()
        .map((row) => `${name} ${JSON.stringify(row)}`),
    );
  } finally {
    db.close();
  }
}
