import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { readConfig, variableNames } from '../../src/config.ts';
import { readText, root } from '../support/source-files.ts';

interface Step {
  readonly uses: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly writeToEnvironmentFile?: Readonly<Record<string, string>>;
}

interface Project {
  readonly version: string;
  readonly provision: readonly Step[];
  readonly deploy: readonly Step[];
  readonly publish?: readonly Step[];
}

/** The Toolkit's actions that are used, with what each must be given. Source: its schema v1.11; `npm run check-toolkit` asks the Toolkit itself. */
const actions: Readonly<Record<string, readonly string[]>> = {
  'aadApp/create': ['name', 'generateClientSecret', 'signInAudience'],
  'aadApp/update': ['manifestPath', 'outputFilePath'],
  'arm/deploy': ['subscriptionId', 'resourceGroupName', 'templates'],
  'botFramework/create': ['botId', 'name', 'messagingEndpoint'],
  'cli/runNpmCommand': ['args'],
  'file/createOrUpdateEnvironmentFile': ['envs', 'target'],
  script: ['run'],
  'teamsApp/create': ['name'],
  'teamsApp/publishAppPackage': ['appPackagePath'],
  'teamsApp/update': ['appPackagePath'],
  'teamsApp/validateAppPackage': ['appPackagePath'],
};

const { scripts } = JSON.parse(readText('package.json'));
const placesIn = (text: string) => [...text.matchAll(/\$\{\{\s*(\w+)\s*\}\}/g)].map(([, name = '']) => name);
const place = (name: string) => `\${{${name}}}`;
const guid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i;

for (const [file, envFile, others] of [
  ['m365agents.yml', 'env/.env.dev', ['aad.manifest.json', 'infra/azure.parameters.json', 'appPackage/manifest.json']],
  ['m365agents.local.yml', 'env/.env.local', ['aad.manifest.json', 'appPackage/manifest.json']],
] as const) {
  suite(file, () => {
    const text = readText(file);
    const project: Project = parse(text);
    const steps = [project.provision, project.deploy, project.publish ?? []].flat();
    const variables = parseEnv(readText(envFile));

    test('is of version 1.11, and each step has what its action needs', () => {
      assert.equal(project.version, 'v1.11');
      for (const { uses, with: given = {} } of steps) {
        const needed = actions[uses];
        assert.ok(needed, `${uses} is none of the Toolkit’s actions, or new here: add what it must be given`);
        for (const name of needed) assert.ok(given[name] !== undefined, `${uses} is not given ${name}`);
      }
    });

    test('names files and scripts that are there', () => {
      for (const [, path = ''] of text.matchAll(/(?:manifestPath|path|parameters): \.\/([\w./-]+)/g))
        assert.ok(existsSync(join(root, path)), path);
      const called = [...text.matchAll(/npm run ([\w:-]+)|args: run ([\w:-]+)/g)].map(([, a, b]) => a ?? b ?? '');
      assert.ok(called.length > 0);
      for (const name of called) assert.ok(scripts[name], `npm run ${name}`);
    });

    test(`fills its places, and those of the files that it deploys, from ${envFile} and secrets alone`, () => {
      const places = new Set([text, ...others.map(readText)].flatMap(placesIn));
      const written = steps.flatMap(({ writeToEnvironmentFile = {} }) => Object.values(writeToEnvironmentFile));
      for (const name of [...places, ...written])
        assert.ok(name.startsWith('SECRET_') || name in variables, `${envFile} has no line for ${name}`);
    });

    test(`${envFile} comes without anybody’s ids, addresses and secrets`, () => {
      const own = new Set(['TEAMSFX_ENV', 'APP_NAME_SUFFIX', 'IMAGE_TAG', 'DEVELOPER_NAME']);
      for (const [name, value] of Object.entries(variables)) {
        assert.ok(value === '' || own.has(name), `${name} has a value`);
        assert.doesNotMatch(name, /^SECRET_/);
      }
      assert.doesNotMatch(readText(envFile), guid);
    });
  });
}

test('both of the Toolkit’s deployments take the parameters’ file, whose places it does not fill the second time', () => {
  const path = 'infra/azure.parameters.json';
  const { provision, deploy }: Project = parse(readText('m365agents.yml'));
  const templates = provision.find(({ uses }) => uses === 'arm/deploy')?.with?.templates;
  assert.equal((templates as { parameters: string }[] | undefined)?.[0]?.parameters, `./${path}`);
  const words = String(deploy.at(-1)?.with?.run).split(' ');
  const { parameters } = JSON.parse(readText(path)) as { parameters: Record<string, { value: string }> };
  const placed = Object.entries(parameters).flatMap(([name, { value }]) => (placesIn(value).length > 0 ? name : []));
  assert.ok(placed.length > 0);
  for (const name of placed)
    assert.ok(
      words.findIndex((word) => word.startsWith(`${name}=`)) > words.indexOf(path) && words.includes(path),
      `${name} would be deployed as the name of its place`,
    );
});

test('the bot on this machine is started with a whole configuration and with nothing else', () => {
  const { deploy }: Project = parse(readText('m365agents.local.yml'));
  const step = deploy.find(({ uses }) => uses === 'file/createOrUpdateEnvironmentFile');
  const envs = Object.entries((step?.with?.envs ?? {}) as Record<string, string | number>);
  for (const [name] of envs) assert.ok(variableNames.includes(name as never), `${name} is no variable of the bot`);
  const madeUp: Readonly<Record<string, string>> = {
    PUBLIC_URL: 'https://vpp.contoso.com',
    BOT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f12',
    AAD_APP_CLIENT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f13',
    AAD_APP_TENANT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f14',
    SECRET_BOT_PASSWORD: 'made-up',
    SECRET_AAD_APP_CLIENT_SECRET: 'made-up',
  };
  const filled = envs.map(([name, value]) => [
    name,
    String(value).replace(/\$\{\{(\w+)\}\}/g, (_, of) => madeUp[of] ?? ''),
  ]);
  const read = readConfig(Object.fromEntries(filled));
  assert.deepEqual('problems' in read ? read.problems : [], []);
});

test('the app’s registration has the permissions, scope, clients and address of docs/permissions.md', () => {
  const documented = readText('docs/permissions.md');
  const { api, web, identifierUris, requiredResourceAccess } = JSON.parse(readText('aad.manifest.json'));
  const rows = [...documented.matchAll(/^\| `(\w+(?:\.\w+)+)` \| (delegated|application) \|/gm)];
  assert.ok(rows.length >= 4);
  const [graph] = requiredResourceAccess;
  assert.deepEqual(
    graph.resourceAccess.map(({ id, type }: { id: string; type: string }) => `${id} ${type}`).sort(),
    rows.map(([, id, kind]) => `${id} ${kind === 'delegated' ? 'Scope' : 'Role'}`).sort(),
  );
  assert.deepEqual(
    api.oauth2PermissionScopes.map(({ value }: { value: string }) => value),
    ['access_as_user'],
  );
  assert.equal(api.requestedAccessTokenVersion, 2);
  for (const { appId } of api.preAuthorizedApplications) assert.ok(documented.includes(appId), appId);
  assert.deepEqual(web.redirectUris, [`${place('PUBLIC_URL')}/auth/end`]);
  assert.deepEqual(identifierUris, [`api://botid-${place('AAD_APP_CLIENT_ID')}`]);
});

test('git ignores secrets of every environment and what is made from them, and nothing that belongs to the project', () => {
  const ignored = [
    '.env',
    'env/.env.dev.user',
    'env/.env.local.user',
    '.localConfigs',
    'appPackage/build/manifest.dev.json',
    'build/aad.manifest.dev.json',
  ];
  const kept = ['env/.env.dev', 'env/.env.local', 'env/.env.rehearsal', 'env/.env.example', 'scripts/build.ts'];
  const said = execFileSync('git', ['check-ignore', '--no-index', ...ignored, ...kept], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.deepEqual(said.trim().split('\n').sort(), ignored.sort());
});

test('what Visual Studio Code starts is there', () => {
  const { configurations, compounds } = JSON.parse(readText('.vscode/launch.json'));
  const { tasks } = JSON.parse(readText('.vscode/tasks.json'));
  const labels = tasks.map(({ label }: { label: string }) => label);
  const names = configurations.map(({ name }: { name: string }) => name);
  for (const { preLaunchTask, configurations: of } of compounds) {
    assert.ok(labels.includes(preLaunchTask), preLaunchTask);
    for (const name of of) assert.ok(names.includes(name), name);
  }
  for (const { dependsOn = [] } of tasks) for (const label of dependsOn) assert.ok(labels.includes(label), label);
  const commands = JSON.stringify([configurations, tasks]).matchAll(/npm run ([\w:-]+)/g);
  for (const [, name = ''] of commands) assert.ok(scripts[name], name);
  const bot = configurations.find(({ name }: { name: string }) => name === 'Bot');
  assert.ok(existsSync(join(root, bot.program.replace(/^\$\{workspaceFolder\}\//, ''))));
  assert.match(bot.envFile, /\.localConfigs$/);
});
