import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { suite, test } from 'node:test';
import { clouds } from '../../src/clouds.ts';
import { variableNames } from '../../src/config.ts';
import { findEntraCause } from '../../src/domain/entra-errors.ts';
import { delegatedPermissions, monitoringRoles } from '../../src/graph/vpp.ts';
import { listSourceFiles, readText, root } from '../support/source-files.ts';

const documents = globSync(['*.md', 'docs/*.md'], { cwd: root }).filter((path) => path !== 'CHANGELOG.md');
/** The others are for those who change the bot. */
const forOperators = documents.filter((path) => !/CONTRIBUTING|performance|reliability|threat-model/.test(path));
const sources = listSourceFiles('src/**/*.ts')
  .map(({ text }) => text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
  .join('\n');
const rowsOf = (path: string) =>
  readText(path)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()));
const inCode = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** Variables that others read: Node, and those of the files where they are set. */
const others = new Set(
  ['env/.env.dev', 'env/.env.rehearsal', 'compose.yaml', '.github/workflows/deploy.yml', 'infra/azure.parameters.json']
    .flatMap((path) => globSync(path, { cwd: root }))
    .flatMap((path) => [...readText(path).matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name)),
);
// Node's and OpenTelemetry's own, and places that the reader fills in.
const elsewhere = ['NODE_EXTRA_CA_CERTS', 'OTEL_EXPORTER_OTLP_HEADERS', 'NEW_DATABASE_URL', 'TENANT_ID', 'IDENTITY_ID'];
for (const name of elsewhere) others.add(name);

suite('what operators are told is so:', () => {
  test('commands that begin with npm run are there', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    for (const path of documents) {
      for (const [, name = ''] of readText(path).matchAll(/npm run (?:--silent |-s )?([a-z][\w:-]*)/g))
        assert.ok(name in scripts, `${path} names "npm run ${name}", which is not in package.json`);
    }
  });

  test('variables are those of the configuration, or are set by another file', () => {
    const known: ReadonlySet<string> = new Set([...variableNames, ...others]);
    for (const path of forOperators) {
      for (const code of inCode(readText(path))) {
        for (const [name] of code.matchAll(/\b(?!AADSTS)[A-Z]+(?:_[A-Z]+)+\b/g))
          assert.ok(known.has(name), `${path} names ${name}, which nothing reads`);
      }
    }
  });

  test('docs/permissions.md asks for what the code asks for', () => {
    const asked = rowsOf('docs/permissions.md').flatMap(([, name = '', kind = '']) =>
      kind === 'delegated' || kind === 'application' ? `${kind} ${name.replaceAll('`', '')}` : [],
    );
    const needed = [
      ...delegatedPermissions.map((name) => `delegated ${name}`),
      ...monitoringRoles.map((name) => `application ${name}`),
    ];
    assert.deepEqual(asked.toSorted(), needed.toSorted());
  });

  test('docs/operate.md names every host that the bot calls, cloud by cloud', () => {
    const rows = new Map(rowsOf('docs/operate.md').map(([, name = '', ...cells]) => [name, inCode(cells.join())]));
    for (const cloud of Object.values(clouds)) {
      const { loginUrl, graphRoot, botOpenIdMetadataUrl, serviceHosts } = cloud;
      const hosts = [loginUrl, graphRoot, botOpenIdMetadataUrl].map((url) => new URL(url).host);
      assert.deepEqual(rows.get(`\`${cloud.name}\``), [...hosts, ...serviceHosts], cloud.name);
    }
  });

  test('docs/troubleshooting.md has every code of Entra that the bot knows, one cause a row', () => {
    const rows = rowsOf('docs/troubleshooting.md').map(([, codes = '']) =>
      [...codes.matchAll(/AADSTS(\d+)/g)].map(([, number = '']) => number),
    );
    for (const numbers of rows) {
      const causes = new Set(numbers.filter((number) => number !== '50011').map(findEntraCause));
      const isOne = causes.size <= 1 || [...causes].every((cause) => cause === 'throttled' || cause === 'unavailable');
      assert.ok(isOne && !causes.has(undefined), `one cause a row: ${numbers.join(', ')}`);
    }
    const table = readText('src/domain/entra-errors.ts').split('const numbers')[1]?.split('};')[0] ?? '';
    const known = [...table.matchAll(/\b\d{5,7}\b/g)].map(([number]) => number);
    assert.ok(known.length > 30);
    assert.deepEqual(
      known.filter((number) => !rows.flat().includes(number)),
      [],
    );
  });

  test('docs/troubleshooting.md quotes the bot’s own words', () => {
    const quotes = [...readText('docs/troubleshooting.md').matchAll(/“([^”]+)”/g)].map(([, words = '']) => words);
    assert.ok(quotes.length > 10);
    assert.deepEqual(
      quotes.filter((words) => !sources.includes(words)),
      [],
      'the bot does not say so',
    );
  });

  test('limits are those of the door', () => {
    const guard = readText('src/teams/guard.ts');
    const limit = (name: string) => Number(new RegExp(`const ${name} = ([\\d_]+)`).exec(guard)?.[1]?.replace('_', ''));
    const sentence = `${limit('mostPerPerson')} activities of one person or ${limit('mostPerTenant').toLocaleString('en')} of one tenant in ${limit('windowMs') / 1000} s`;
    const size = `${/const mostBytes = (\d+) \* 1024;/.exec(guard)?.[1]} KB`;
    for (const path of ['docs/operate.md', 'docs/troubleshooting.md']) {
      const text = readText(path).replaceAll(/\s+/g, ' ');
      for (const words of [sentence, size]) assert.ok(text.includes(words), `${path}: say “${words}”`);
    }
  });

  test('docs/operate.md sizes by the last figures of docs/performance.md', () => {
    const ours = rowsOf('docs/performance.md').find(([, bot]) => bot === 'ours') ?? [];
    const [turns, cpu, , , memory] = ours.slice(2).map((cell) => cell.split(' ')[0]);
    assert.ok(turns && cpu && memory);
    const text = readText('docs/operate.md').replaceAll(/\s+/g, ' ');
    assert.ok(
      text.includes(`answered ${turns} \`help\` a second with ${cpu} CPU seconds per 1,000, and held ${memory} MiB`),
    );
  });
});
