import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { suite, test } from 'node:test';
import {
  filesAreChapters,
  findImports,
  foldersAreOnTheMap,
  frameworksStayAtHome,
  helpersStandOnce,
  importsFormNoCircle,
  importsGoDown,
  type Rule,
} from './support/house.ts';
import { importsIn, listSourceFiles, readText, root, type SourceFile, toSourceFile } from './support/source-files.ts';

const src = listSourceFiles('src/**/*.ts');
const sandbox = listSourceFiles('sandbox/**/*.ts');
const everything = [
  ...src,
  ...sandbox,
  ...listSourceFiles('test/**/*.ts', 'scripts/*.ts', 'bench/*.ts', 'sandbox/client/page/*.js'),
];

/** Fails with the rule, what breaks it, and how to repair it. */
function holds({ rule, fix, findings }: Rule): void {
  const list = findings.map(({ path, problem }) => `  ${path}: ${problem}`).join('\n');
  assert.ok(findings.length === 0, `Rule: ${rule}\nBroken by:\n${list}\nFix: ${fix}`);
}

suite('the house', () => {
  test('imports go down', () => holds(importsGoDown(src)));
  test('no files import each other in a circle', () => holds(importsFormNoCircle([...src, ...sandbox])));
  test('frameworks stay at home', () => holds(frameworksStayAtHome(src)));
  test('files are chapters', () => holds(filesAreChapters([...src, ...sandbox])));
  test('a small helper is written once', () => holds(helpersStandOnce(src)));
  test('README has a map of the folders', () => holds(foldersAreOnTheMap(readText('README.md'), listFolders())));
});

/** Folders of the project that are no build products, and those of `src` and `sandbox` in them. */
function listFolders(): string[] {
  const ignored = readText('.gitignore').split(/\/?\n/);
  const within = (parent: string) =>
    readdirSync(`${root}${parent}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !ignored.includes(entry.name))
      .map(({ name }) => parent + name);
  return [...within(''), ...within('src/'), ...within('sandbox/')];
}

suite('each rule of the house bites:', () => {
  const files = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).map(([path, text]) => toSourceFile(path, text));
  const broken = ({ findings }: Rule) => findings.map(({ path }) => path);
  const line = 'export const x = y();\n';

  test('an import of a higher layer, of a peer, of a folder without a layer, and of a type', () => {
    const given = files({
      'src/domain/a.ts': "import { b } from '../graph/b.ts';",
      'src/graph/b.ts': "import type { C } from '../store/c.ts';",
      'src/store/c.ts': "import { x } from '../helpers/x.ts';",
      'src/config.ts': "import { a } from './domain/a.ts';\nimport { clouds } from './clouds.ts';",
      'src/main.ts': "import { createApp } from './app.ts';",
    });
    assert.deepEqual(broken(importsGoDown(given)), ['src/domain/a.ts', 'src/graph/b.ts', 'src/store/c.ts']);
  });

  test('a circle, by types too, and nothing that only leads to it or from it', () => {
    const given = files({
      'src/a.ts': "import { b } from './b.ts';",
      'src/b.ts': "import type { C } from './c.ts';\nimport { e } from './e.ts';",
      'src/c.ts': "import { b } from './b.ts';",
      'src/e.ts': '',
    });
    assert.deepEqual(broken(importsFormNoCircle(given)), ['src/b.ts', 'src/c.ts']);
  });

  test('a framework away from home', () => {
    const given = files({
      'src/teams/hosts/botbuilder.ts': "import { CloudAdapter } from 'botbuilder';",
      'src/teams/bot.ts': "import type { TurnContext } from 'botbuilder';",
      'src/teams/hosts/index.ts': "const sdk = await import('@microsoft/agents-hosting');",
      'src/commands/sync.ts': "import { sql } from 'kysely';",
      'src/store/turns.ts': "import { sql } from 'kysely';",
    });
    assert.deepEqual(broken(frameworksStayAtHome(given)), [
      'src/teams/bot.ts',
      'src/teams/hosts/index.ts',
      'src/commands/sync.ts',
    ]);
  });

  test('a file too long, a file too small for one importer, and a folder too full', () => {
    const given = files({
      'src/long.ts': `${line.repeat(400)}import './small.ts';`,
      'src/small.ts': line,
      'src/shared.ts': line,
      'src/one.ts': `import './shared.ts';\nimport './index.ts';\n${line.repeat(30)}`,
      'src/two.ts': `import './shared.ts';\n${line.repeat(30)}`,
      'src/index.ts': "import './listed.ts';",
      'src/listed.ts': line,
      ...Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`src/full/${index}.ts`, line])),
    });
    assert.deepEqual(broken(filesAreChapters(given)), ['src/long.ts', 'src/small.ts', 'src/full']);
  });

  test('a function or a computed constant that is defined twice', () => {
    const given = files({
      'src/a.ts':
        'const dayMs = 24 * hourMs;\n\nfunction tell(text: string) {\n  a();\n\n  return text;\n}\nconst most = 5;\n',
      'src/b.ts': 'export const dayMs = 24 * hourMs;\nconst most = 5;\n',
      'src/c.ts': 'export function tell(text: string) {\n  a();\n  return text;\n}\n',
      'src/d.ts': 'function tell(text: string) {\n  return text;\n}\n',
    });
    assert.deepEqual(broken(helpersStandOnce(given)), ['src/a.ts', 'src/b.ts', 'src/a.ts', 'src/c.ts']);
  });

  test('a folder without a line, and a line without a folder', () => {
    const map = 'src/         the bot\n  cards/     what it shows\n  gone/      nothing\ntest/        tests\n';
    const rule = foldersAreOnTheMap(map, ['src', 'src/cards', 'src/new', 'test', 'docs']);
    assert.deepEqual(broken(rule), ['src/new', 'docs', 'src/gone']);
  });
});

test('a host is small, so that a framework can be left', () =>
  holds({
    rule: 'a host has at most 100 lines',
    fix: 'move what does not need the SDK out of src/teams/hosts',
    findings: src
      .filter(({ path, lines }) => path.startsWith('src/teams/hosts/') && lines > 100)
      .map(({ path, lines }) => ({ path, problem: `has ${lines} lines` })),
  }));

test('nobody imports the process itself', () =>
  holds({
    rule: 'importing src/main.ts would start a bot',
    fix: 'import src/app.ts instead, or spawn src/main.ts as a process',
    findings: findImports(everything, ({ target }) => target === 'src/main.ts'),
  }));

test('production code imports nothing of the rehearsal, tests or scripts', () =>
  holds({
    rule: 'npm start must work without sandbox/, test/, scripts/ and bench/',
    fix: 'move what production needs into src/',
    findings: findImports(src, ({ target, isOurs }) => isOurs && !target.startsWith('src/')),
  }));

test('the rehearsal shares only types and pure addresses with the bot', () =>
  holds({
    rule: 'a stand-in built from the bot’s own code would agree with its mistakes',
    fix: 'write the stand-in from the platform’s documents; import types, src/lib/net.ts or src/clouds.ts at most',
    findings: findImports(
      // It stands in for nothing: it writes the bot's own database before `npm run dev` starts the bot.
      sandbox.filter(({ path }) => path !== 'sandbox/seed/counts.ts'),
      ({ target, isTypeOnly }) =>
        target.startsWith('src/') && !isTypeOnly && !['src/lib/net.ts', 'src/clouds.ts'].includes(target),
    ),
  }));

test('only the process touches `process`', () =>
  holds({
    rule: '`process` and the environment belong to src/main.ts',
    fix: 'take the value as a parameter; configuration comes from src/config.ts',
    findings: findLines(
      src.filter(({ path }) => path !== 'src/main.ts'),
      /(?<![\w$.])process\??\.[a-z]|globalThis\.process|from 'node:process'|\{[^}]*\} = process\b/,
    ),
  }));

test('nothing is unfinished, silenced or printed on the side', () => {
  const words = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|');
  const silencing = `@ts-${'ignore'}|@ts-${'nocheck'}|@ts-expect-error\\s*$`;
  holds({
    rule: 'committed work is finished',
    fix: 'finish it, or write down the decision in docs/decisions',
    findings: findLines(everything, new RegExp(`\\b(?:${words})\\b|${silencing}`), { withComments: true }),
  });
  holds({
    rule: 'unchecked types and side prints are not used; the log is src/telemetry/log.ts',
    fix: 'give the value its type (`unknown` and a check at the edge); log through the Log handed in',
    findings: findLines(
      everything.filter(({ path }) => path.endsWith('.ts')),
      new RegExp(`\\b${'console'}\\.\\w+\\(|(?::|<|\\bas|\\|)\\s*${'any'}\\b(?!\\s*['"\`\\w])`),
    ),
  });
  holds({
    rule: 'a file’s exports have names',
    fix: 'export a named function',
    findings: findLines(everything, new RegExp(`^export ${'default'}\\b`)),
  });
});

test('files are named in kebab-case, languages apart', () =>
  holds({
    rule: 'a file is named for its one concept in kebab-case',
    fix: 'rename it',
    findings: everything
      .filter(
        ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.(ts|js)$/.test(basename(path).replace('zh-CN', 'zh')),
      )
      .map(({ path }) => ({ path, problem: 'is named otherwise' })),
  }));

test('the rules read real files and see every form of import', () => {
  assert.ok(src.length > 100, `only ${src.length} files of src were found`);
  assert.ok(sandbox.length > 30, `only ${sandbox.length} files of sandbox were found`);
  // Written with ~ for the quotes, so that this file does not seem to import any of it.
  const text = [
    'import { a, type B } from ~./a.ts~;',
    'import type { C } from ~../c.ts~;',
    'import {\n  type D,\n  type E,\n} from ~@scope/name/deep~;',
    'import ~side-effect~;',
    'export * from ~node:fs~;',
    'const lazy = await import(~./lazy.ts~);',
    'require(~old/dist/file.js~); import.meta.resolve(~found~);',
    '/* import ~not-this~; */',
  ]
    .join('\n')
    .replaceAll('~', "'");
  const found = importsIn(text, 'src/x/file.ts').map(({ target, isTypeOnly }) => [target, isTypeOnly]);
  assert.deepEqual(found, [
    ['src/x/a.ts', false],
    ['src/c.ts', true],
    ['@scope/name', true],
    ['side-effect', false],
    ['node:fs', false],
    ['src/x/lazy.ts', false],
    ['old', false],
    ['found', false],
  ]);
});

/** Lines that match; comments are left out unless asked for. */
function findLines(files: readonly SourceFile[], pattern: RegExp, options: { withComments?: boolean } = {}) {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const code = options.withComments ? line : line.replace(/^\s*(\/?\*|\/\/).*$|\s\/\/ .*$/, '');
      return pattern.test(code) ? [{ path, problem: `line ${index + 1}: ${line.trim()}` }] : [];
    }),
  );
}
