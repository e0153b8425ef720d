import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { suite, test } from 'node:test';
import { listSourceFiles, readText, root } from '../support/source-files.ts';

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

const readPackage = (folder: string) => JSON.parse(readText(`${folder}package.json`)) as Package;
const own = readPackage('');
/** Imported by production, and installed there by whoever chooses TEAMS_HOST agents. */
const chosen = '@microsoft/agents-hosting';
/** The frameworks that bench/ measures beside this bot, each with packages of its own. */
const peers = globSync('bench/peers/*/package.json', { cwd: root }).map((path) => path.replace(/package\.json$/, ''));
const dependencies = Object.keys(own.dependencies ?? {});
const devDependencies = Object.keys(own.devDependencies ?? {});

const packagesOf = (...patterns: readonly string[]) =>
  new Set(
    listSourceFiles(...patterns).flatMap(({ imports }) => imports.flatMap((each) => (each.isOurs ? [] : each.target))),
  );
const inProduction = packagesOf('src/**/*.ts');
const around = ['sandbox/**/*.{ts,js}', 'test/**/*.ts', 'bench/*.ts', 'scripts/*.{ts,mjs}'] as const;
const aroundIt = packagesOf(...around);

/** Packages that nobody imports because a program of theirs is run, or a tool reads them: each with the file that does. */
const tools: Readonly<Record<string, string>> = {
  '@biomejs/biome': 'scripts/run.mjs',
  '@types/node': 'tsconfig.json',
  node: 'scripts/run.mjs',
  typescript: 'scripts/run.mjs',
};

suite('packages', () => {
  test('of production are imported by production, or needed by one that is', () => {
    const needed = new Set(
      [...inProduction]
        .filter((name) => dependencies.includes(name))
        .flatMap((name) => Object.keys(readPackage(`node_modules/${name}/`).peerDependencies ?? {})),
    );
    for (const name of dependencies) {
      assert.ok(
        inProduction.has(name) || needed.has(name),
        `Rule: every dependency is imported in src/.\n${name} is not.\nFix: remove it, or move it to devDependencies`,
      );
    }
  });

  test('of development are imported by the rehearsal, tests or scripts, or are tools', () => {
    const written = listSourceFiles(...around).map(({ text }) => text);
    for (const name of devDependencies) {
      const typed = name.startsWith('@types/') && dependencies.includes(name.slice('@types/'.length));
      const served = written.some((text) => new RegExp(`['"]${name.replaceAll('.', '\\.')}(/|['"])`).test(text));
      assert.ok(
        aroundIt.has(name) || name === chosen || name in tools || typed || served,
        `Rule: every devDependency is used by sandbox/, test/, bench/ or scripts/.\n${name} is not.\nFix: remove it`,
      );
    }
  });

  test('that are imported are named in package.json, production’s in dependencies', () => {
    const named = new Set([...dependencies, ...devDependencies]);
    for (const name of inProduction) {
      if (name.startsWith('node:') || name === chosen) continue;
      assert.ok(
        dependencies.includes(name),
        `Rule: npm start needs nothing of devDependencies.\nsrc/ imports ${name}.\nFix: name it in dependencies`,
      );
    }
    for (const name of aroundIt) {
      if (name.startsWith('node:') || name.startsWith('/')) continue;
      assert.ok(named.has(name), `Rule: nothing is imported by luck.\n${name} is not in package.json.\nFix: add it`);
    }
  });

  test('have one exact version each', () => {
    const exact = /^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/;
    const all = [own, ...peers.map(readPackage)];
    for (const [name, version] of all.flatMap((each) =>
      Object.entries({ ...each.dependencies, ...each.devDependencies }),
    )) {
      assert.match(version, exact, `Rule: versions are pinned.\n${name} is ${version}.\nFix: pin it`);
    }
  });

  test('that a reader is told to install have the version that was tested', () => {
    const told = [...readText('docs/decisions/bot-framework.md').matchAll(/npm install .*@([\d.]+)$/gm)];
    assert.deepEqual([...new Set(told.map(([, version]) => version))], [own.devDependencies?.[chosen]]);
  });

  test('run no install script but that of the pinned Node', () => {
    const allowed = Object.entries(own.allowScripts ?? {}).filter(([, isAllowed]) => isAllowed);
    assert.deepEqual(allowed, [['node', true]], 'Rule: only node’s script runs.\nFix: set the others to false');
  });

  test('that bring an install script are each allowed or denied by name', () => {
    const locked = JSON.parse(readText('package-lock.json')).packages as Record<string, { hasInstallScript?: boolean }>;
    const scripted = Object.entries(locked).flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript ? [path.split('node_modules/').at(-1)] : [],
    );
    assert.deepEqual(
      Object.keys(own.allowScripts ?? {}).toSorted(),
      scripted.toSorted(),
      'Rule: allowScripts decides about every install script of package-lock.json.\nFix: add or remove the line',
    );
  });

  test('are fetched from whichever registry the machine uses', () => {
    for (const path of ['package-lock.json', ...peers.map((peer) => `${peer}package-lock.json`)]) {
      assert.doesNotMatch(
        readText(path),
        /"resolved":/,
        `Rule: ${path} holds no registry host.\nFix: lock with --omit-lockfile-registry-resolved`,
      );
    }
  });

  test('say in docs/dependencies.md why they are here, and no others do', () => {
    const documented = [...readText('docs/dependencies.md').matchAll(/^\|(?<names>[^|]+)\|/gm)].flatMap(({ groups }) =>
      [...(groups?.names ?? '').matchAll(/`(?<name>[^`]+)`/g)].map((match) => match.groups?.name ?? ''),
    );
    assert.deepEqual(
      documented.toSorted(),
      [...dependencies, ...devDependencies].toSorted(),
      'Rule: docs/dependencies.md has a line for each package of package.json.\nFix: add or remove the line',
    );
  });
});
