import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPublicPages } from '../../src/teams/public-pages.ts';
import { startGuardedServer } from './guarded-server.ts';

const paths = ['/', '/support', '/privacy', '/terms'] as const;

test('the pages answer GET and HEAD without a sign-in, and no other site may frame them', async () => {
  const { port } = await startGuardedServer();
  for (const path of paths) {
    const url = `http://127.0.0.1:${port}${path}`;
    const page = await fetch(url);
    assert.equal(page.status, 200, path);
    assert.match(await page.text(), /<h1>/, path);
    const head = await fetch(url, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, ''], path);
    assert.equal(head.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(head.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  }
});

test('support, privacy and terms name the operator’s contact, and no value can write HTML', () => {
  const pages = createPublicPages({
    operator: {
      name: 'Contoso <b>IT',
      websiteUrl: 'https://contoso.example.com/it',
      support: 'it@contoso.example.com',
    },
  });
  for (const path of ['/support', '/privacy', '/terms'] as const) {
    assert.ok(pages[path].includes('<a href="mailto:it@contoso.example.com">it@contoso.example.com</a>'), path);
    assert.ok(pages[path].includes('Contoso &lt;b&gt;IT'), path);
  }
  assert.ok(pages['/'].includes('<a href="https://contoso.example.com/it">'));
});

test('without a contact they name whom to ask', () => {
  const pages = createPublicPages({ operator: {} });
  for (const path of paths) assert.match(pages[path], /operator in your organisation/, path);
});
