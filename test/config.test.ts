import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { clouds } from '../src/clouds.ts';
import { describeConfig, type Environment, readConfig, variableNames } from '../src/config.ts';
import {
  configWith,
  leastEnvironment,
  problemsWith,
  rehearsalAddresses,
  subjectOf,
  tenantId,
} from './support/environment.ts';

suite('config doubts', () => {
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

    test('are refused when only one of several is elsewhere, in one line', () => {
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

  suite('the app’s proof of its identity', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const proofs = {
      AAD_APP_CLIENT_SECRET: 'canary',
      AAD_APP_CERTIFICATE_PATH: 'app.pem',
      AAD_APP_CERTIFICATE: '-----BEGIN CERTIFICATE-----',
      AAD_APP_FEDERATED_CLIENT_ID: tenantId,
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/token',
    };
    const names = Object.keys(proofs) as (keyof typeof proofs)[];

    test('is exactly one: none is missed, and two are refused, each pair by its first name', () => {
      const env = { AAD_APP_CLIENT_SECRET: '', TOKEN_CACHE_KEY: key };
      assert.deepEqual(problemsWith(env), [
        'AAD_APP_CLIENT_SECRET is missing (or give one of AAD_APP_CERTIFICATE_PATH, AAD_APP_CERTIFICATE, AAD_APP_FEDERATED_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE)',
      ]);
      for (const [index, first] of names.entries()) {
        assert.deepEqual(problemsWith({ ...env, [first]: proofs[first] }), []);
        for (const second of names.slice(index + 1)) {
          assert.deepEqual(problemsWith({ ...env, [first]: proofs[first], [second]: proofs[second] }), [
            `${first} and ${second} are set; give exactly one`,
          ]);
        }
      }
      assert.deepEqual(problemsWith({ ...env, ...proofs }).map(subjectOf), ['AAD_APP_CLIENT_SECRET']);
    });

    test('is not missed when the one that is given cannot be read', () => {
      const env = { AAD_APP_CLIENT_SECRET: '', AAD_APP_FEDERATED_CLIENT_ID: 'id-vpp-sync', TOKEN_CACHE_KEY: key };
      assert.deepEqual(problemsWith(env).map(subjectOf), ['AAD_APP_FEDERATED_CLIENT_ID']);
    });

    test('may be no secret at all, which leaves TOKEN_CACHE_KEY to seal the audit', () => {
      for (const name of ['AAD_APP_FEDERATED_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE'] as const) {
        assert.deepEqual(problemsWith({ AAD_APP_CLIENT_SECRET: '', [name]: proofs[name] }), [
          `TOKEN_CACHE_KEY is missing: with ${name} there is no other secret to seal the audit with`,
        ]);
      }
    });
  });

  suite('a PostgreSQL without a password in its address', () => {
    const url = 'postgres://id-vpp-sync@db.example.com/vpp';
    const federated = {
      AAD_APP_CLIENT_SECRET: '',
      AAD_APP_FEDERATED_CLIENT_ID: tenantId,
      TOKEN_CACHE_KEY: Buffer.alloc(32, 7).toString('base64'),
    };
    const msi = { BOT_TYPE: 'UserAssignedMsi', BOT_PASSWORD: '' };

    test('is signed in to with the managed identity, the app’s or the bot’s, where there is one', () => {
      const DATABASE_URL = `${url}?sslmode=verify-full`;
      const identityWith = (changes: Environment) => {
        const { database } = configWith({ DATABASE_URL, ...changes });
        return database.kind === 'postgres' ? database.identity : assert.fail();
      };
      assert.equal(identityWith(federated), tenantId);
      assert.equal(identityWith(msi), leastEnvironment.BOT_ID);
      assert.equal(identityWith({ ...msi, ...federated }), tenantId);
      assert.equal(identityWith({}), undefined);
      for (const DATABASE_URL of ['postgres://u:p@db/x', 'postgres://u@db/x?password=p'])
        assert.equal(identityWith({ ...federated, DATABASE_URL }), undefined);
    });

    test('must be encrypted then: it is sent a token', () => {
      for (const DATABASE_URL of [url, `${url}?sslmode=prefer`, 'postgres://u@127.0.0.1/x?host=db.example.com'])
        assert.deepEqual(problemsWith({ ...msi, DATABASE_URL }), [
          'DATABASE_URL must end with ?sslmode=verify-full: without a password it is sent an access token',
        ]);
      assert.deepEqual(problemsWith({ DATABASE_URL: url }), []);
      assert.deepEqual(problemsWith({ ...msi, DATABASE_URL: 'postgres://u@127.0.0.1/x' }), []);
    });
  });
});

suite('config', () => {
  const required = ['PUBLIC_URL', 'BOT_ID', 'BOT_TYPE', 'AAD_APP_CLIENT_ID', 'ALLOWED_TENANTS'];
  const requiredTogether = ['BOT_PASSWORD', 'BOT_TENANT_ID', 'AAD_APP_CLIENT_SECRET'];

  test('an empty environment is refused with every variable it lacks, one a line', () => {
    const read = readConfig({});
    assert.ok('problems' in read);
    assert.deepEqual(read.problems.map(subjectOf).toSorted(), [...required, ...requiredTogether].toSorted());
    assert.ok(read.problems.every((problem) => /is missing/.test(problem) && !problem.includes('\n')));
  });

  test('the least environment is enough, and the rest has its documented default', () => {
    const config = configWith({});
    const { global } = clouds;
    assert.equal(config.port, 3978);
    assert.equal(config.cloud, global);
    assert.deepEqual(config.database, { kind: 'sqlite', path: 'data/vpp-sync.db' });
    assert.deepEqual([config.graphBeta, config.monitor, config.logLevel], [false, true, 'info']);
    assert.deepEqual(
      [config.monitorIntervalMs, config.syncFollowDeadlineMs, config.syncCooldownMs],
      [900_000, 900_000, 300_000],
    );
    assert.equal(config.app.idUri, `api://botid-${config.app.clientId}`);
    assert.deepEqual(
      [config.authorityUrl, config.graphUrl, config.botOpenIdMetadataUrl, config.botIssuer],
      [global.loginUrl, global.graphRoot, global.botOpenIdMetadataUrl, global.botIssuer],
    );
    assert.deepEqual(config.extraServiceUrls, []);
  });

  test('a variable that is empty or blank counts as unset', () => {
    const blank = Object.fromEntries(variableNames.map((name) => [name, name.length % 2 ? '' : ' \t']));
    assert.deepEqual(readConfig(blank), readConfig({}));
    const optional = variableNames.filter((name) => leastEnvironment[name] === undefined);
    assert.deepEqual(configWith(Object.fromEntries(optional.map((name) => [name, '  ']))), configWith({}));
  });

  test('all problems are reported at once, each naming its own variable once', () => {
    const problems = problemsWith({
      PORT: 'http',
      PUBLIC_URL: 'bot.example.com',
      BOT_TYPE: 'Single',
      BOT_TENANT_ID: 'contoso',
      ALLOWED_TENANTS: 'contoso.com',
      CLOUD: 'mars',
      DATABASE_URL: 'mysql://x',
      GRAPH_BETA: 'true',
      TOKEN_CACHE_KEY: 'short',
      LOG_LEVEL: 'loud',
    });
    const named = ['ALLOWED_TENANTS', 'BOT_TENANT_ID', 'BOT_TYPE', 'CLOUD', 'DATABASE_URL', 'GRAPH_BETA', 'LOG_LEVEL'];
    assert.deepEqual(problems.map(subjectOf).toSorted(), [...named, 'PORT', 'PUBLIC_URL', 'TOKEN_CACHE_KEY']);
  });

  test('a variable that is set but cannot be read is never called missing', () => {
    for (const [name, value] of [
      ['BOT_TENANT_ID', 'contoso.onmicrosoft.com'],
      ['BOT_TYPE', 'singletenant'],
      ['AUTHORITY_URL', 'ftp://127.0.0.1'],
      ['EXTRA_SERVICE_URLS', ' , '],
    ] as const) {
      const about = problemsWith({ ...rehearsalAddresses, [name]: value });
      assert.deepEqual(about.map(subjectOf), [name]);
      assert.doesNotMatch(about.join('\n'), /missing/);
    }
  });

  test('the metrics have a port of their own, or none', () => {
    assert.equal(configWith({ METRICS_PORT: '' }).metricsPort, undefined);
    assert.equal(configWith({ METRICS_PORT: '9464' }).metricsPort, 9464);
    assert.deepEqual(problemsWith({ PORT: '9464', METRICS_PORT: '9464' }), [
      'METRICS_PORT must not be PORT: metrics are not for the public',
    ]);
  });

  suite('forms', () => {
    const forms: Readonly<Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
      PORT: { good: ['0', '80', '65535', ' 3978 '], bad: ['-1', '65536', '3978.5', '0x50', 'auto', '１２３'] },
      METRICS_PORT: { good: ['1', '9464', '65535'], bad: ['0', '-1', '65536', '9464.5', 'auto'] },
      PUBLIC_URL: {
        good: [
          'https://bot.example.com',
          'HTTPS://Bot.Example.com/',
          'https://bot.example.com:8443/vpp',
          'http://[::1]:1',
        ],
        bad: [
          'http://bot.example.com',
          'bot.example.com',
          'https:bot.example.com',
          'https:\\\\bot.example.com',
          'https://bot.exa\tmple.com',
          'https://me:secret@bot.example.com',
          'https://bot.example.com/?',
          'https://bot.example.com/?a=b',
          'https://bot.example.com/#x',
          'ftp://bot.example.com',
          'http://127.0.0.1.nip.io',
        ],
      },
      BOT_ID: { good: [tenantId, tenantId.toUpperCase()], bad: ['vpp-bot', '*', '0', `{${tenantId}}`, `${tenantId}0`] },
      BOT_TYPE: { good: ['SingleTenant'], bad: ['singletenant', 'SingelTenant', 'Msi', 'none'] },
      AAD_APP_CLIENT_ID: { good: [tenantId], bad: ['app'] },
      AAD_APP_ID_URI: {
        good: ['api://x/y', 'https://bot.example.com/id'],
        bad: ['x', 'http://bot.example.com', 'api://'],
      },
      ALLOWED_TENANTS: {
        good: [tenantId, `${tenantId},`, ` ${tenantId} , ${tenantId.replaceAll('1', '9')} `],
        bad: [',', 'common', '*', `${tenantId};${tenantId}`, `${tenantId},organizations`],
      },
      CLOUD: { good: ['global', 'usgov', 'usgovdod'], bad: ['Global', 'germany', 'china'] },
      OPERATORS: {
        good: [tenantId, `${tenantId}, ${tenantId.replaceAll('1', '9')}`],
        bad: [',', 'ada@contoso.example.com', `${tenantId};${tenantId}`, `${tenantId}0`],
      },
      DEVELOPER_NAME: { good: ['Contoso “IT”'], bad: ['x'.repeat(33)] },
      WEBSITE_URL: {
        good: ['https://contoso.example.com/it'],
        bad: ['http://contoso.example.com', 'contoso.example.com'],
      },
      SUPPORT_CONTACT: {
        good: ['it@contoso.example.com', 'https://contoso.example.com/help'],
        bad: ['it', 'http://contoso.example.com', 'mailto:it@contoso.example.com', 'javascript:alert(1)'],
      },
      DATABASE_URL: {
        good: [
          'sqlite:data/a.db',
          'sqlite:/var/lib/a.db',
          'sqlite::memory:',
          'postgres://u:p@db/x',
          'postgresql://db/x',
        ],
        bad: ['sqlite:', 'data/a.db', 'mysql://db/x', 'postgres:db', 'postgres://'],
      },
      GRAPH_BETA: { good: ['on', 'off'], bad: ['true', 'false', '1', '0', 'yes', 'ON'] },
      MONITOR: { good: ['on', 'off'], bad: ['true', 'Off'] },
      MONITOR_INTERVAL_S: { good: ['1', '900'], bad: ['0', '-1', '1.5', '15m', '1e3'] },
      SYNC_FOLLOW_DEADLINE_S: { good: ['5', '900'], bad: ['4', '0', 'none'] },
      SYNC_COOLDOWN_S: { good: ['0', '300'], bad: ['-1', 'off'] },
      TOKEN_CACHE_KEY: {
        good: [Buffer.alloc(32, 7).toString('base64')],
        bad: [
          Buffer.alloc(31, 7).toString('base64'),
          Buffer.alloc(33, 7).toString('base64'),
          'a'.repeat(44),
          'a'.repeat(64),
        ],
      },
      LOG_LEVEL: { good: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'], bad: ['silent', 'INFO', 'verbose'] },
      OTEL_EXPORTER_OTLP_ENDPOINT: {
        good: ['http://collector:4318', 'https://otel.example.com'],
        bad: ['collector:4318'],
      },
    };
    for (const [name, { good, bad }] of Object.entries(forms)) {
      test(name, () => {
        for (const value of good) assert.deepEqual(problemsWith({ [name]: value }), [], value);
        for (const value of bad) {
          assert.deepEqual(problemsWith({ [name]: value }).map(subjectOf), [name], `${name}=${value} must be refused`);
        }
      });
    }
  });

  test('ids are compared in lower case, as Entra writes them', () => {
    const upper = configWith({
      ALLOWED_TENANTS: tenantId.toUpperCase(),
      BOT_ID: 'AAAAAAAA-2222-4333-8444-55555555555F',
    });
    assert.deepEqual(upper.allowedTenants, [tenantId]);
    assert.equal(upper.bot.id, 'aaaaaaaa-2222-4333-8444-55555555555f');
  });

  test('addresses lose their trailing slash, so that paths can be put after them', () => {
    assert.equal(configWith({ PUBLIC_URL: 'https://bot.example.com//' }).publicUrl, 'https://bot.example.com');
    const { authorityUrl } = configWith({ ...rehearsalAddresses, AUTHORITY_URL: 'http://localhost:4000/entra/' });
    assert.equal(authorityUrl, 'http://localhost:4000/entra');
  });

  test('21Vianet is refused with the reason', () => {
    assert.match(
      problemsWith({ CLOUD: 'china' }).join(),
      /^CLOUD must not be china: Teams of 21Vianet shows no Adaptive Cards/,
    );
  });

  test('each cloud brings its own addresses', () => {
    for (const [name, cloud] of Object.entries(clouds)) {
      const config = configWith({ CLOUD: name });
      assert.equal(config.cloud, cloud);
      assert.equal(config.graphUrl, cloud.graphRoot);
      assert.equal(config.authorityUrl, cloud.loginUrl);
    }
  });

  test('neither a problem nor the description for the log shows a secret', () => {
    const secrets = ['canary-password', 'canary-secret', 'canary-key', 'canary-database'];
    const changes = {
      BOT_PASSWORD: 'canary-password',
      AAD_APP_CLIENT_SECRET: 'canary-secret',
      DATABASE_URL: 'postgres://u:canary-database@db/x',
    };
    const broken = problemsWith({
      ...changes,
      BOT_TYPE: 'UserAssignedMsi',
      AAD_APP_CERTIFICATE_PATH: 'canary-secret',
      TOKEN_CACHE_KEY: 'canary-key',
      DATABASE_URL: 'mysql://u:canary-database@db/x',
      PUBLIC_URL: 'https://u:canary-password@bot.example.com',
      BOT_ID: 'canary-secret',
      LOG_LEVEL: 'canary-secret',
      ALLOWED_TENANTS: 'canary-secret',
      PORT: 'canary-secret',
    });
    assert.ok(broken.length >= 9);
    const shown = broken.join('\n') + JSON.stringify(describeConfig(configWith(changes)));
    for (const secret of secrets) assert.ok(!shown.includes(secret), shown);
  });

  test('no environment makes reading it throw, and none is both refused and accepted', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.uuid(),
      fc.constantFrom(
        'on',
        'off',
        'sqlite:',
        'postgres://',
        'http://[',
        'http://127.0.0.1',
        '%',
        ',',
        '\0',
        '9'.repeat(99),
      ),
      ...Object.values({ ...leastEnvironment, ...rehearsalAddresses }).map((each) => fc.constant(each)),
    );
    const environment = fc.dictionary(fc.constantFrom(...variableNames), value);
    fc.assert(
      fc.property(environment, (changes) => {
        for (const env of [changes, { ...leastEnvironment, ...changes }]) {
          const read = readConfig(env);
          if ('config' in read) {
            describeConfig(read.config);
            continue;
          }
          assert.ok(read.problems.length > 0);
          for (const problem of read.problems) {
            assert.ok(variableNames.some((name) => problem.startsWith(`${name} `)) && !/[\r\n]/.test(problem), problem);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
