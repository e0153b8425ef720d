import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { GraphError } from '../../src/domain/graph.ts';
import { createDelegatedGraph, createReadOnlyGraph } from '../../src/graph/client.ts';
import type { GraphOptions } from '../../src/graph/request.ts';
import { createRuntime } from '../support/runtime.ts';
import { type Answer, json, startScriptedGraph, status } from './scripted-graph.ts';

suite('address', () => {
  const sent: string[] = [];
  const options = (baseUrl: string, dangerouslyAllowLoopbackHttp = false): GraphOptions => ({
    baseUrl,
    dangerouslyAllowLoopbackHttp,
    getToken: async () => 'token-1',
    runtime: createRuntime(),
    fetch: async (input) => {
      sent.push(String(input));
      return Response.json({ value: [] });
    },
  });

  test('accepts https, and http on loopback when explicitly allowed', () => {
    createReadOnlyGraph(options('https://graph.microsoft.com'));
    createReadOnlyGraph(options('http://127.0.0.1:3979/graph', true));
    createDelegatedGraph(options('http://localhost:3979', true));
  });

  test('refuses every other base address, allowed or not', () => {
    const refused: [string, boolean][] = [
      ['http://graph.microsoft.com', false],
      ['http://graph.microsoft.com', true],
      ['http://127.0.0.1:3979', false],
      ['http://127.0.0.1.example.com', true],
      ['http://10.0.0.1', true],
      ['ftp://127.0.0.1', true],
      ['https://user:secret@graph.microsoft.com', false],
      ['https://graph.microsoft.com?x=1', false],
      ['graph.microsoft.com', true],
      ['', true],
    ];
    for (const [baseUrl, allow] of refused) {
      for (const create of [createReadOnlyGraph, createDelegatedGraph]) {
        assert.throws(() => create(options(baseUrl, allow)), /Graph address/, baseUrl);
      }
    }
  });

  test('refuses a path that would lead out of its version, and an odd query option', async () => {
    const graph = createDelegatedGraph(options('https://graph.microsoft.com'));
    for (const path of [
      '',
      'x',
      '//evil.example/x',
      '/a/../b',
      '/a/%2e%2e/b',
      '/a/./b',
      '/a?b',
      '/a#b',
      '/a\\b',
      '/a b',
      '/a/',
    ]) {
      await assert.rejects(graph.get(path), /Graph path/, path);
      await assert.rejects(graph.listPages(path), /Graph path/, path);
      await assert.rejects(graph.post(path), /Graph path/, path);
    }
    await assert.rejects(graph.get('/a', { query: { 'b&c': '1' } }), /query option/);
    assert.deepEqual(sent, []);
  });
});

suite('pages', async () => {
  const server = await startScriptedGraph();
  const elsewhere = await startScriptedGraph();
  after(() => Promise.all([server.stop(), elsewhere.stop()]));
  const path = '/deviceAppManagement/vppTokens';
  const graph = createReadOnlyGraph(server.options());

  const page = (items: readonly unknown[], next?: unknown): Answer =>
    json({ value: items, ...(next !== undefined && { '@odata.nextLink': next }) });

  const isUnreadable = (error: unknown) => error instanceof GraphError && error.reason === 'unreadable';

  test('reads 3,000 items page by page, following each link as it came', async () => {
    const size = 100;
    server.script((response, request) => {
      const skip = Number(/skiptoken=o%3D(\d+)%20%2B\/x/.exec(request.url)?.[1] ?? 0);
      const items = Array.from({ length: size }, (_, index) => ({ id: `t-${skip + index}` }));
      const next = `${server.baseUrl}/v1.0${path}?$select=id&$skiptoken=o%3D${skip + size}%20%2B/x`;
      page(items, skip + size < 3000 ? next : undefined)(response, request);
    });
    const items = await graph.listPages(path, { query: { $select: 'id' } });
    assert.equal(items.length, 3000);
    assert.deepEqual(items.at(-1), { id: 't-2999' });
    assert.equal(server.requests.length, 30);
    assert.equal(server.requests[1]?.url, `/v1.0${path}?$select=id&$skiptoken=o%3D100%20%2B/x`);
  });

  test('an empty list is an empty array, and a link that is null or empty is the end', async () => {
    server.script(page([]));
    assert.deepEqual(await graph.listPages(path), []);
    server.script(page([1], null));
    assert.deepEqual(await graph.listPages(path), [1]);
    server.script(page([1], ''));
    assert.deepEqual(await graph.listPages(path), [1]);
  });

  test('asks a failed page again and goes on', async () => {
    server.script(page([1], `${server.baseUrl}/v1.0${path}?page=2`), status(503), page([2]));
    assert.deepEqual(await graph.listPages(path), [1, 2]);
  });

  test('never follows a link elsewhere, and never takes its token there', async () => {
    elsewhere.script(page(['stolen']));
    const { host } = new URL(server.baseUrl);
    const links = [
      `${elsewhere.baseUrl}/v1.0${path}?page=2`,
      `https://${host}/v1.0${path}`,
      `http://user:secret@${host}/v1.0${path}`,
      `http://user@${host}/v1.0${path}`,
      `http://:secret@${host}/v1.0${path}`,
      `${server.baseUrl}/beta${path}`,
      `${server.baseUrl}/v1.0/../other`,
      `${server.baseUrl}/v1.0/%2e%2e/other`,
      `${server.baseUrl}/v1.0.example/x`,
      '//example.com/v1.0/x',
      '/v1.0/relative',
      'not a link',
      42,
      {},
    ];
    for (const link of links) {
      server.script(page([1], link), page(['followed']));
      await assert.rejects(graph.listPages(path), isUnreadable, String(link));
      assert.equal(server.requests.length, 1, String(link));
    }
    assert.equal(elsewhere.requests.length, 0);
  });

  test('does not go in a circle', async () => {
    server.script((response, request) => {
      const next = `${server.baseUrl}/v1.0${path}?page=${request.url.endsWith('page=2') ? 3 : 2}`;
      page([1], next)(response, request);
    });
    await assert.rejects(graph.listPages(path), isUnreadable);
    assert.equal(server.requests.length, 3);
  });

  test('gives no part of a list for the whole: too many pages, or a page without a list', async () => {
    let count = 0;
    server.script((response, request) => {
      count += 1;
      page([count], `${server.baseUrl}/v1.0${path}?page=${count}`)(response, request);
    });
    await assert.rejects(graph.listPages(path), isUnreadable);
    assert.equal(server.requests.length, 200);
    for (const body of [{}, { value: {} }, { value: null }]) {
      server.script(json(body));
      await assert.rejects(graph.listPages(path), isUnreadable);
    }
  });
});
