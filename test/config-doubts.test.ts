import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { configWith, problemsWith, rehearsalAddresses, subjectOf } from './environment.ts';

const overrides = Object.keys(rehearsalAddresses);

suite('a rehearsal’s addresses', () => {
  test('are accepted all together, with the issuer or without', () => {
    const { authorityUrl, graphUrl, extraServiceUrls, botIssuer } = configWith(rehearsalAddresses);
    assert.deepEqual([authorityUrl, graphUrl], [rehearsalAddresses.AUTHORITY_URL, rehearsalAddresses.GRAPH_URL]);
    assert.deepEqual(extraServiceUrls, [rehearsalAddresses.EXTRA_SERVICE_URLS]);
    assert.equal(botIssuer, 'https://api.botframework.com');
    assert.equal(configWith({ ...rehearsalAddresses, BOT_ISSUER: 'urn:rehearsal' }).botIssuer, 'urn:rehearsal');
  });

  test('are refused when any of them is left out, naming exactly those', () => {
    for (let chosen = 1; chosen < 2 ** overrides.length - 1; chosen += 1) {
      const given = overrides.filter((_, index) => chosen & (1 << index));
      const left = overrides.filter((name) => !given.includes(name));
      const problems = problemsWith(Object.fromEntries(given.map((name) => [name, rehearsalAddresses[name]])));
      assert.deepEqual(problems.map(subjectOf).toSorted(), left.toSorted());
    }
  });

  test('are missed as well when the one that is given cannot be read', () => {
    const problems = problemsWith({ GRAPH_URL: 'graph' });
    assert.deepEqual(problems.map(subjectOf).toSorted(), overrides.toSorted());
    assert.match(problems.find((problem) => problem.startsWith('GRAPH_URL')) ?? '', /http\(s\) address/);
  });

  test('let no issuer in without them', () => {
    assert.deepEqual(problemsWith({ BOT_ISSUER: 'https://issuer.example.com' }).map(subjectOf), ['BOT_ISSUER']);
  });

  const elsewhere = [
    'https://graph.microsoft.com',
    'http://localhost.evil.example',
    'http://127.0.0.1.nip.io',
    'http://evil.example/127.0.0.1',
    'http://evil.example\\@127.0.0.1',
    'http://127.0.0.1@evil.example',
    'http://user:pass@127.0.0.1',
    'http://user@localhost',
    'http://128.0.0.1',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'http://169.254.169.254',
    'http://[::]',
    'http://[::ffff:7f00:2].evil.example',
    'http://[fe80::1]',
    'http://localhost.',
    'http://0x7f000001.evil.example',
    'http://127.1.evil.example',
    'http://127.0.0.1:4000/?x=http://localhost',
    'http://127.0.0.1:4000/#x',
    '//127.0.0.1',
    'file:///etc/passwd',
    'javascript:127.0.0.1',
  ];
  for (const name of overrides) {
    test(`never lead elsewhere: ${name}`, () => {
      for (const url of elsewhere) {
        const problems = problemsWith({ ...rehearsalAddresses, [name]: url });
        assert.deepEqual([...new Set(problems.map(subjectOf))], [name], `${name}=${url} must be refused`);
      }
    });
  }

  test('are refused when only one of several is elsewhere, told once', () => {
    const list = 'http://127.0.0.1:1/a,https://a.example,https://b.example';
    const problems = problemsWith({ ...rehearsalAddresses, EXTRA_SERVICE_URLS: list });
    assert.deepEqual(problems, ['EXTRA_SERVICE_URLS is for loopback addresses alone']);
  });

  test('may be written in any way that the URL standard takes to this machine', () => {
    for (const host of [
      'LocalHost',
      '127.9.9.9',
      '0x7f000001',
      '2130706433',
      '127.1',
      '0177.0.0.1',
      '[::1]',
      '[0:0::1]',
    ]) {
      const all = Object.fromEntries(overrides.map((name) => [name, `http://${host}:4000/x`]));
      assert.deepEqual(problemsWith(all), [], host);
    }
  });
});

suite('the bot’s registration', () => {
  test('has a password unless it is a managed identity, which has none', () => {
    assert.deepEqual(problemsWith({ BOT_PASSWORD: '' }).map(subjectOf), ['BOT_PASSWORD']);
    assert.deepEqual(problemsWith({ BOT_TYPE: 'UserAssignedMsi' }).map(subjectOf), ['BOT_PASSWORD']);
    assert.deepEqual(problemsWith({ BOT_TYPE: 'UserAssignedMsi', BOT_PASSWORD: '' }), []);
  });

  test('has a tenant unless it is for many', () => {
    for (const BOT_TYPE of ['SingleTenant', 'UserAssignedMsi']) {
      const problems = problemsWith({
        BOT_TYPE,
        BOT_TENANT_ID: '',
        ...(BOT_TYPE !== 'SingleTenant' && { BOT_PASSWORD: '' }),
      });
      assert.deepEqual(problems.map(subjectOf), ['BOT_TENANT_ID']);
    }
    assert.deepEqual(problemsWith({ BOT_TYPE: 'MultiTenant', BOT_TENANT_ID: '' }), []);
  });
});

test('the app proves itself by a secret or by a certificate, by one of them', () => {
  const name = 'AAD_APP_CLIENT_SECRET';
  assert.deepEqual(problemsWith({ [name]: '' }).map(subjectOf), [name]);
  assert.deepEqual(problemsWith({ [name]: '', AAD_APP_CERTIFICATE_PATH: 'app.pem' }), []);
  assert.deepEqual(problemsWith({ AAD_APP_CERTIFICATE_PATH: 'app.pem' }).map(subjectOf), [name]);
});
