import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLoopback } from '../../src/lib/net.ts';

test('knows this machine by whatever way the URL standard writes it', () => {
  for (const url of [
    'http://127.0.0.1',
    'https://127.255.0.9:8/x',
    'http://LOCALHOST',
    'http://[::1]/',
    'http://0x7f.1',
  ]) {
    assert.ok(isLoopback(url), url);
  }
});

test('refuses names that only resemble this machine', () => {
  for (const url of [
    'http://localhost.example.com',
    'http://mylocalhost',
    'http://127.0.0.1.example.com',
    'http://example.com/127.0.0.1',
    'http://127.0.0.1@example.com',
    'http://0.0.0.0',
    'http://[::]',
    '127.0.0.1',
    '',
    'http://',
  ]) {
    assert.ok(!isLoopback(url), url);
  }
});

test('no other IPv4 address or public name is this machine', () => {
  fc.assert(
    fc.property(
      fc.ipV4().filter((ip) => !ip.startsWith('127.')),
      (ip) => !isLoopback(`http://${ip}/`),
    ),
  );
  fc.assert(fc.property(fc.domain(), (domain) => !isLoopback(`http://${domain}/`)));
});
