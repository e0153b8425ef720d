import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { clouds } from '../../src/clouds.ts';
import { isServiceUrlAllowed } from '../../src/teams/guard.ts';

const production = { cloud: clouds.global, extraServiceUrls: [] };
const rehearsal = { cloud: clouds.global, extraServiceUrls: ['http://127.0.0.1:4000/connector/'] };

suite('in production', () => {
  test('Teams’ own hosts are allowed, in every cloud only its own', () => {
    for (const cloud of Object.values(clouds)) {
      for (const other of Object.values(clouds)) {
        for (const host of other.serviceHosts) {
          const isOwn = cloud.serviceHosts.includes(host);
          assert.equal(isServiceUrlAllowed(`https://${host}/emea/`, { cloud, extraServiceUrls: [] }), isOwn, host);
        }
      }
    }
    for (const url of ['https://SMBA.trafficmanager.net:443/amer/x/', 'https://smba.trafficmanager.net']) {
      assert.ok(isServiceUrlAllowed(url, production), url);
    }
  });

  const host = 'smba.trafficmanager.net';
  const refused = [
    `http://${host}/emea/`,
    `https://${host}:444/emea/`,
    `https://${host}.evil.example/emea/`,
    `https://${host}./emea/`,
    `https://evil-${host}/`,
    `https://evil.${host}/`,
    `https://evil.example/${host}/`,
    `https://evil.example#${host}`,
    `https://evil.example?${host}`,
    `https://evil.example\\@${host}/`,
    `https://${host}@evil.example/`,
    `https://me@${host}/`,
    `https://me:pass@${host}/`,
    `https://${host}/emea/?next=1`,
    `https://${host}/emea/#x`,
    `https://${host}/emea/?`,
    `https://${host}/emea/#`,
    `https://@${host}/emea/`,
    `https:${host}/emea/`,
    `https:\\\\${host}\\emea\\`,
    ` https://${host}/emea/`,
    `https://${host}/emea/\n`,
    `https://smba.traffic\tmanager.net/emea/`,
    `https://${host}/\0`,
    `wss://${host}/`,
    `//${host}/`,
    'https://smba.trаfficmanager.net/',
    'https://[::1]/',
    'http://127.0.0.1:4000/connector/',
    'http://localhost/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'not an address',
    '',
  ];
  for (const url of refused) {
    test(`refuses ${JSON.stringify(url)}`, () => assert.equal(isServiceUrlAllowed(url, production), false));
  }

  test('refuses an address that is not there', () => assert.equal(isServiceUrlAllowed(undefined, production), false));
});

suite('in a rehearsal', () => {
  test('addresses below a prefix are allowed, and Teams’ own as well', () => {
    for (const url of [
      'http://127.0.0.1:4000/connector',
      'http://127.0.0.1:4000/connector/',
      'http://127.0.0.1:4000/connector/emea/x',
      'https://smba.trafficmanager.net/emea/',
    ]) {
      assert.ok(isServiceUrlAllowed(url, rehearsal), url);
    }
  });

  for (const url of [
    'http://127.0.0.1:4001/connector/',
    'https://127.0.0.1:4000/connector/',
    'http://127.0.0.2:4000/connector/',
    'http://localhost:4000/connector/',
    'http://127.0.0.1:4000/',
    'http://127.0.0.1:4000/connector-of-somebody-else/',
    'http://127.0.0.1:4000/CONNECTOR/',
    'http://127.0.0.1:4000/connector/../graph/',
    'http://127.0.0.1:4000/connector/%2e%2e/graph/',
    'http://127.0.0.1:4000/connector\\..\\graph/',
    'http://127.0.0.1:4000/x/connector/',
    'http://127.0.0.1:4000@evil.example/connector/',
    'http://me@127.0.0.1:4000/connector/',
    'http://127.0.0.1:4000/connector/?x',
    'http://127.0.0.1.nip.io:4000/connector/',
  ]) {
    test(`refuses ${url}`, () => assert.equal(isServiceUrlAllowed(url, rehearsal), false));
  }
});

test('whatever is allowed, what is sent goes to that host and to the path that was meant', () => {
  const path = '/v3/conversations/19%3Aa/activities';
  const pieces = [
    '/',
    '//',
    'emea',
    '..',
    '%2e%2e',
    '?',
    '#',
    '@',
    '\\',
    ' ',
    '\t',
    ';x',
    ':443',
    '&',
    '%00',
    '\0',
    'x@evil.example',
  ];
  const made = fc
    .array(fc.constantFrom(...pieces), { maxLength: 6 })
    .map((some) => `https://smba.trafficmanager.net${some.join('')}`);
  fc.assert(
    fc.property(fc.oneof(made, fc.webUrl()), (url) => {
      if (!isServiceUrlAllowed(url, production)) return;
      const sentTo = new URL(url.replace(/\/+$/, '') + path);
      assert.equal(sentTo.host, 'smba.trafficmanager.net');
      assert.ok(sentTo.pathname.endsWith(path) && sentTo.search === '' && sentTo.hash === '', sentTo.href);
    }),
    { numRuns: 2_000 },
  );
});

test('no address at another host is allowed', () => {
  fc.assert(fc.property(fc.webUrl(), (url) => !isServiceUrlAllowed(url, rehearsal)));
  fc.assert(fc.property(fc.string(), (text) => !isServiceUrlAllowed(`https://${text}.evil.example/`, rehearsal)));
});
