import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Language, type Node, Parser } from 'web-tree-sitter';
import { variableNames } from '../../src/config.ts';
import { readText, root } from '../support/source-files.ts';

const main = 'infra/azure.bicep';
const paths = globSync('infra/**/*.bicep', { cwd: root });
const trees = new Map<string, Node>();

before(async () => {
  await Parser.init();
  const grammar = import.meta.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm');
  const parser = new Parser();
  parser.setLanguage(await Language.load(fileURLToPath(grammar)));
  for (const path of paths) trees.set(path, parser.parse(readText(path))?.rootNode ?? assert.fail(path));
});

const treeOf = (path: string) => trees.get(path) ?? assert.fail(`${path} is not there`);
const all = (node: Node, type: string) => node.descendantsOfType(type);
const nameOf = (declaration: Node) => all(declaration, 'identifier')[0]?.text ?? '';

/** Declarations of one kind by name; a decorator such as @secure() stands before its declaration. */
function declared(path: string, type: string): Map<string, Node> {
  return new Map(all(treeOf(path), `${type}_declaration`).map((node) => [nameOf(node), node]));
}

function isSecure(parameter: Node): boolean {
  const decorators: string[] = [];
  for (let at = parameter.previousSibling; at && at.type !== 'parameter_declaration'; at = at.previousSibling)
    decorators.push(at.text);
  return decorators.some((text) => text.includes('@secure()'));
}

/** The properties of an object literal, its keys as written. */
function propertiesOf(object: Node): Map<string, Node> {
  const pairs = object.namedChildren.filter((child) => child?.type === 'object_property');
  return new Map(
    pairs.map((pair) => [pair?.firstNamedChild?.text ?? '', pair?.lastNamedChild ?? assert.fail(pair?.text)]),
  );
}

/** The container's environment: each variable with the property that gives its value. */
function readEnvironment(): Map<string, { readonly from: string; readonly value: string }> {
  const entries = all(treeOf(main), 'object').flatMap((object) => {
    const properties = propertiesOf(object);
    const name = /^'(?<name>[A-Z][A-Z0-9_]+)'$/.exec(properties.get('name')?.text ?? '')?.groups?.name;
    const from = properties.has('secretRef') ? 'secretRef' : 'value';
    return name ? [[name, { from, value: properties.get(from)?.text ?? '' }] as const] : [];
  });
  assert.equal(new Set(entries.map(([name]) => name)).size, entries.length, `${main} sets a variable twice`);
  return new Map(entries);
}

/** Variables of the bot that the container is not given. */
const absent: Readonly<Record<string, string>> = {
  PORT: 'the image sets it',
  METRICS_PORT: 'nothing in Container Apps reads Prometheus’ format; the alerts are Azure’s own',
  TEAMS_HOST: 'the default is what is supported',
  BOT_PASSWORD: 'the bot is a managed identity',
  AAD_APP_CLIENT_SECRET: 'the app’s credential is the managed identity',
  AAD_APP_CERTIFICATE_PATH: 'as above',
  AAD_APP_CERTIFICATE: 'as above',
  AZURE_FEDERATED_TOKEN_FILE: 'as above; Kubernetes writes this file',
  MONITOR: 'the default',
  MONITOR_INTERVAL_S: 'the default',
  SYNC_FOLLOW_DEADLINE_S: 'the default',
  SYNC_COOLDOWN_S: 'the default',
  AUTHORITY_URL: 'for rehearsals',
  GRAPH_URL: 'for rehearsals',
  BOT_OPENID_METADATA_URL: 'for rehearsals',
  BOT_ISSUER: 'for rehearsals',
  EXTRA_SERVICE_URLS: 'for rehearsals',
};

suite('the Azure template', () => {
  test('is Bicep', () => {
    assert.ok(paths.length > 1);
    for (const path of paths) {
      const broken = treeOf(path).hasError ? all(treeOf(path), 'ERROR') : [];
      const lines = broken.map((node) => node.startPosition.row + 1);
      assert.ok(!treeOf(path).hasError, `${path} cannot be parsed, lines ${lines.join(', ')}`);
    }
  });

  test('uses only what it declares', () => {
    const kinds = ['parameter', 'variable', 'resource', 'module'];
    for (const path of paths) {
      const names = new Set(kinds.flatMap((kind) => [...declared(path, kind).keys()]));
      for (const node of all(treeOf(path), 'identifier')) {
        const { parent } = node;
        const isKey = parent?.type === 'object_property' && parent.firstNamedChild?.id === node.id;
        const isCall = parent?.type === 'call_expression' && parent.firstNamedChild?.id === node.id;
        const isOutput = parent?.type === 'output_declaration' && parent.firstNamedChild?.id === node.id;
        if (isKey || isCall || isOutput) continue;
        assert.ok(
          names.has(node.text),
          `${path}:${node.startPosition.row + 1} names ${node.text}, which is not declared`,
        );
      }
    }
  });

  test('gives each module exactly the parameters that it wants', () => {
    for (const [name, module] of declared(main, 'module')) {
      const path = join(dirname(main), /'(?<path>[^']+\.bicep)'/.exec(module.text)?.groups?.path ?? '');
      const body = all(module, 'object')[0] ?? assert.fail(name);
      const given = propertiesOf(propertiesOf(body).get('params') ?? assert.fail(name));
      assert.deepEqual([...given.keys()].toSorted(), [...declared(path, 'parameter').keys()].toSorted(), name);
    }
  });

  test('sets every variable of the bot, or leaves it out on purpose', () => {
    const set = [...readEnvironment().keys()];
    const unknown = variableNames.filter((name) => !set.includes(name) && !(name in absent));
    assert.deepEqual(unknown, [], 'Rule: the container gets every variable.\nFix: set it, or say in `absent` why not');
    const names: readonly string[] = variableNames;
    assert.deepEqual(
      set.filter((name) => !names.includes(name)),
      [],
      'Fix: the bot does not read these',
    );
    const needless = Object.keys(absent).filter((name) => set.includes(name) || !names.includes(name));
    assert.deepEqual(needless, [], 'Fix: remove these from `absent`');
  });

  test('hands secrets over by reference to the vault alone', () => {
    const secrets = /PASSWORD|SECRET|_KEY$|CERTIFICATE$/;
    for (const [name, { from }] of readEnvironment())
      if (secrets.test(name)) assert.equal(from, 'secretRef', `${main} sets ${name} in clear`);
    const kept = all(treeOf(main), 'object')
      .map(propertiesOf)
      .flatMap((properties) => (properties.has('keyVaultUrl') ? properties.get('name')?.text : []));
    const referred = [...readEnvironment().values()].flatMap(({ from, value }) => (from === 'secretRef' ? value : []));
    assert.deepEqual(referred.toSorted(), kept.toSorted(), 'each reference is to a secret of the vault');
    assert.equal(referred.length, 2);
  });

  test('takes secrets as secure parameters, and puts none into an output', () => {
    for (const path of paths) {
      const parameters = [...declared(path, 'parameter')];
      for (const [name, parameter] of parameters)
        assert.equal(isSecure(parameter), /key|secret|password/i.test(name), `${path}: @secure() of ${name}`);
      const secure = parameters.flatMap(([name, parameter]) => (isSecure(parameter) ? name : []));
      const variables = declared(path, 'variable');
      const spread = (text: string, depth = 0): string =>
        depth > 9
          ? text
          : text.replaceAll(/\b\w+\b/g, (word) => {
              const variable = variables.get(word);
              return variable ? spread(variable.lastNamedChild?.text ?? '', depth + 1) : word;
            });
      for (const [name, output] of declared(path, 'output')) {
        const value = spread(output.lastNamedChild?.text ?? '');
        const leaks = [...secure, 'list\\w+\\(', 'getSecret'].filter((word) => new RegExp(`\\b${word}`).test(value));
        assert.deepEqual(leaks, [], `${path}: the output ${name} shows a secret`);
      }
    }
  });

  test('names its outputs like the variables that they are', () => {
    const names: readonly string[] = variableNames;
    const outputs = [...declared(main, 'output').keys()].filter((name) => /^[A-Z_]+$/.test(name));
    assert.ok(outputs.includes('PUBLIC_URL') && outputs.includes('AAD_APP_FEDERATED_CLIENT_ID'));
    assert.deepEqual(
      outputs.filter((name) => !names.includes(name)),
      [],
    );
  });

  test('is given parameters that it has', () => {
    const known = declared(main, 'parameter');
    for (const path of ['docs/set-up.md', 'docs/operate.md', '.github/workflows/deploy.yml', 'm365agents.yml']) {
      const parts = readText(path).split('az deployment group create').slice(1);
      for (const [, name = ''] of parts.flatMap((part) => [
        ...(part.split(/```|- name/)[0] ?? '').matchAll(/(?<=\s)(\w+)=/g),
      ]))
        assert.ok(known.has(name), `${path}: ${basename(main)} has no ${name}`);
    }
    const { parameters } = JSON.parse(readText('infra/azure.parameters.json')) as { parameters: object };
    for (const name of Object.keys(parameters)) assert.ok(known.has(name), `${basename(main)} has no ${name}`);
  });
});
