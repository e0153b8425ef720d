import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDelegatedGraph, createReadOnlyGraph } from '../../src/graph/client.ts';
import type { GraphOptions } from '../../src/graph/request.ts';

const sent: string[] = [];
const options = (baseUrl: string, dangerouslyAllowLoopbackHttp = false): GraphOptions => ({
  baseUrl,
  dangerouslyAllowLoopbackHttp,
  getToken: async () => 'token-1',
  fetch: async (input) => {
    sent.push(String(input));
    return Response.json({ value: [] });
  },
});

test('takes https, and http on loopback when that is asked for', () => {
  createReadOnlyGraph(options('https://graph.microsoft.com'));
  createReadOnlyGraph(options('http://127.0.0.1:3979/graph', true));
  createDelegatedGraph(options('http://localhost:3979', true));
});

test('refuses every other base address, asked for or not', () => {
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
