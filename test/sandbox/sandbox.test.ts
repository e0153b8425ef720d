import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { happenings } from '../../sandbox/client/happenings.ts';
import { type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import { openSignInWindow } from '../../sandbox/teams/sign-in.ts';
import { readConfig, variableNames } from '../../src/config.ts';

async function start(t: TestContext, options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  t.after(() => sandbox.stop());
  return sandbox;
}

/** A bot that answers its pages as `pages` says and takes every activity. */
async function startBot(t: TestContext, pages: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/api/messages') request.resume().on('end', () => response.end());
    else pages(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

test('its environment is a whole configuration that the bot accepts, with every variable in it', async (t) => {
  const sandbox = await start(t);
  const env = sandbox.env({ LOG_LEVEL: 'warn' });
  assert.deepEqual(Object.keys(env).sort(), [...variableNames].sort());
  const read = readConfig(env);
  assert.ok('config' in read, 'problems' in read ? read.problems.join('\n') : '');
  assert.equal(read.config.publicUrl, sandbox.baseUrl);
  assert.equal(read.config.logLevel, 'warn');
  assert.deepEqual(
    read.config.allowedTenants,
    sandbox.tenants.filter(({ usesBot }) => usesBot).map(({ id }) => id),
  );
  assert.equal(read.config.app.idUri, sandbox.registration().idUri);
});

test('two rehearsals share neither address nor secret', async (t) => {
  const [one, other] = [await start(t), await start(t)];
  for (const name of ['PUBLIC_URL', 'BOT_PASSWORD', 'AAD_APP_CLIENT_SECRET']) {
    assert.notEqual(one.env()[name], other.env()[name], name);
  }
});

test('passes the bot’s own pages through, with their redirects, cookies and refusals', async (t) => {
  const sandbox = await start(t);
  assert.equal((await fetch(`${sandbox.baseUrl}/auth/start`)).status, 502);
  const seen: string[] = [];
  const botUrl = await startBot(t, (request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.cookie ?? '-'}`);
    response.writeHead(302, { location: '/elsewhere', 'set-cookie': 'a=b; Path=/' });
    response.end();
  });
  sandbox.connectBot(botUrl);
  const response = await fetch(`${sandbox.baseUrl}/auth/start?request=1`, {
    redirect: 'manual',
    headers: { cookie: 'c=d' },
  });
  assert.deepEqual([response.status, response.headers.get('location')], [302, '/elsewhere']);
  assert.deepEqual(response.headers.getSetCookie(), ['a=b; Path=/']);
  assert.equal((await fetch(`${sandbox.baseUrl}/privacy`, { redirect: 'manual' })).status, 302);
  assert.deepEqual(seen, ['GET /auth/start?request=1 c=d', 'GET /privacy -']);
});

test('a sign-in window walks from the bot’s page over Entra’s form back to the code', async (t) => {
  const sandbox = await start(t);
  const ada = sandbox.person('ada');
  const { clientId, redirectUri } = sandbox.registration();
  const botUrl = await startBot(t, (request, response) => {
    const url = new URL(request.url ?? '', sandbox.baseUrl);
    if (url.pathname === '/auth/end') {
      const isRefused = url.searchParams.has('error');
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'text/html' });
      response.end(isRefused ? '<body>No.</body>' : '<body data-state="one&#38;two"></body>');
      return;
    }
    const authorize = new URL(`${sandbox.baseUrl}/entra/${ada.tenantId}/oauth2/v2.0/authorize`);
    authorize.search = new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: `openid profile offline_access ${clientId}/access_as_user`,
      state: 's',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    }).toString();
    response.writeHead(302, { location: authorize.href });
    response.end();
  });
  sandbox.connectBot(botUrl);
  const button = `${sandbox.baseUrl}/auth/start?request=1`;
  const ended = await openSignInWindow(button, ada);
  assert.equal(ended.code, 'one&two', ended.html);
  assert.deepEqual(
    ended.visited.map((each) => new URL(each).pathname.split('/').at(-1)),
    ['start', 'authorize', 'authorize', 'end'],
  );
  const cancelled = await openSignInWindow(button, ada, { decision: 'cancel' });
  assert.deepEqual([cancelled.code, cancelled.status], [undefined, 400]);
});

test('serves the page, its files and the two libraries, and no other file', async (t) => {
  const { baseUrl } = await start(t);
  const page = await fetch(baseUrl);
  const html = await page.text();
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/);
  const files = [...html.matchAll(/(?:src|href)="(\/client\/[^"]+)"/g)].map(([, file]) => file);
  assert.ok(files.length > 6);
  for (const file of files) assert.equal((await fetch(baseUrl + file)).status, 200, file);
  for (const file of [
    '/client/page/..%2fpage.ts',
    '/client/page/page.ts',
    '/client/vendor/constructor',
    '/client/page/no.js',
  ]) {
    assert.equal((await fetch(baseUrl + file)).status, 404, file);
  }
});

test('lets no other site steer it through a browser', async (t) => {
  const sandbox = await start(t);
  const said = { person: 'ada', conversation: 'personal-ada', text: 'hi' };
  const url = `${sandbox.baseUrl}/client/say`;
  assert.equal((await post(url, said, { origin: 'https://elsewhere.example' })).status, 403);
  assert.equal((await post(url, said, { 'content-type': 'text/plain' })).status, 400);
  assert.equal(sandbox.client.messages(sandbox.conversations.personal('ada')).length, 0);
  assert.equal((await post(url, said, { origin: sandbox.baseUrl })).status, 204);
});

test('answers a bad request of the page with what is wrong, instead of failing', async (t) => {
  const { baseUrl } = await start(t);
  const cases = [
    ['/say', { person: 'nobody', conversation: 'group', text: 'hi' }, /Nobody is called nobody/],
    ['/say', { person: 'signe', conversation: 'group', text: 'hi' }, /is not in that conversation/],
    ['/say', { person: 'ada', conversation: 'group' }, /text is missing/],
    ['/press', { person: 'ada', conversation: 'group', message: '1', action: {} }, /Only Action\.Execute/],
    ['/happen', { person: 'ada', conversation: 'group', what: 'toString', token: '' }, /no such thing/],
    ['/happen', { person: 'ada', conversation: 'group', what: 'expire', token: 'x' }, /It is gone/],
    ['/say', '{', /not a JSON object/],
  ] as const;
  for (const [path, body, words] of cases) {
    const response = await post(`${baseUrl}/client${path}`, body);
    const { error } = (await response.json()) as { error: string };
    assert.equal(response.status, 400);
    assert.match(error, words);
  }
});

test('shows each person their own conversations, and streams them what happens there', async (t) => {
  const sandbox = await start(t);
  const { baseUrl, client, conversations } = sandbox;
  const state = async (person: string) =>
    (await (await fetch(`${baseUrl}/client/state?person=${person}`)).json()) as {
      conversations: { key: string; suggestion: string }[];
    };
  const ada = await state('ada');
  assert.deepEqual(
    ada.conversations.map(({ key }) => key),
    ['personal-ada', 'group', 'channel-general', 'channel-apple'],
  );
  assert.equal(ada.conversations[0]?.suggestion, 'sync vpp contoso');
  assert.deepEqual(
    (await state('signe')).conversations.map(({ key }) => key),
    ['personal-signe'],
  );
  const stop = new AbortController();
  const stream = await fetch(`${baseUrl}/client/events?person=ada`, { signal: stop.signal });
  await client.say(sandbox.person('bruno'), conversations.personal('bruno'), 'between Bruno and the bot');
  await client.say(sandbox.person('bruno'), conversations.group, 'for everybody');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream.body ?? []) {
    text += decoder.decode(chunk);
    if (text.includes('for everybody')) break;
  }
  stop.abort();
  assert.doesNotMatch(text, /between Bruno/);
});

test('everything the panel offers can be made to happen', async (t) => {
  const sandbox = await start(t);
  sandbox.connectBot(await startBot(t, (_request, response) => response.end()));
  const first = () => sandbox.graph.listTokens(sandbox.person('ada').tenantId)[0];
  const token = first();
  const last = [...happenings].sort((a, b) => Number(a.key.startsWith('delete')) - Number(b.key.startsWith('delete')));
  for (const { key } of last) {
    const fields = { what: key, person: 'ada', conversation: 'group', token: first()?.id };
    const response = await post(`${sandbox.baseUrl}/client/happen`, fields);
    const answer = (await response.json()) as { text?: string };
    assert.match(answer.text ?? '', /\.$/, key);
  }
  assert.equal(sandbox.graph.findToken(token?.id ?? ''), undefined);
});

test('time that passes moves the tenant’s dates alone, and a reset brings back the seed and empties the chats', async (t) => {
  const at = Date.UTC(2026, 10, 30);
  const day = 24 * 60 * 60_000;
  const sandbox = await start(t, { now: () => at });
  sandbox.connectBot(await startBot(t, (_request, response) => response.end()));
  const { graph, client, conversations, person, tenants } = sandbox;
  const everything = () =>
    tenants.flatMap(({ id }) => [
      ...graph.listTokens(id),
      ...graph.listConnectors(id, 'push'),
      ...graph.listConnectors(id, 'ade'),
    ]);
  const called = (name: string) => everything().find((each) => each.displayName === name) ?? assert.fail(name);
  const happen = (what: string, fields = {}) =>
    post(`${sandbox.baseUrl}/client/happen`, {
      what,
      person: 'ada',
      conversation: 'personal-ada',
      token: '',
      ...fields,
    });
  const seed = everything();

  await happen('day');
  assert.equal(called('Contoso Retail').expiresAt, at + 11 * day);
  assert.equal(called('Adatum').lastSyncAt, at - day / 4, 'Intune syncs it every day');
  assert.equal(called('Adventure Works').lastSyncAt, at - 50 * 3_600_000 - day, 'Intune has stopped syncing it');
  assert.equal(everything().find(({ kind }) => kind === 'push')?.expiresAt, at + 44 * day);
  assert.equal(called('Warehouse scanners').expiresAt, at + 17 * day);
  assert.equal(called('Lakeside Academy').expiresAt, at - 5 * 3_600_000, 'another tenant');
  await happen('week');
  const { id, state, expiresAt, lastSyncAt = 0 } = called('Fabrikam Logistics');
  assert.deepEqual([state, expiresAt], ['expired', at - 6 * day]);
  assert.ok(lastSyncAt <= expiresAt);
  await happen('expire-in', { token: id, days: 5 });
  assert.deepEqual(
    [called('Fabrikam Logistics').state, called('Fabrikam Logistics').expiresAt],
    ['valid', at + 5 * day + 60_000],
  );

  await happen('delete-all');
  await client.say(person('ada'), conversations.personal('ada'), 'hi');
  await happen('no-consent');
  const told: string[] = [];
  client.events.on('event', (event) => event.kind === 'delivery' && told.push(event.what));
  assert.equal((await happen('reset')).status, 200);
  assert.deepEqual(everything(), seed);
  assert.deepEqual(client.messages(conversations.personal('ada')), []);
  assert.deepEqual(told, ['installationUpdate'], 'the bot forgets that chat, too');
});
