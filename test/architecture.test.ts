import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { suite, test } from 'node:test';
import { importsIn, listSourceFiles, type SourceFile, type SourceImport } from './support/source-files.ts';

const src = listSourceFiles('src/**/*.ts');
const sandbox = listSourceFiles('sandbox/**/*.ts');
const everything = [
  ...src,
  ...sandbox,
  ...listSourceFiles('test/**/*.ts', 'scripts/*.ts', 'bench/**/*.ts', 'sandbox/client/page/*.js'),
];

interface Finding {
  readonly file: SourceFile;
  readonly what: string;
}

/** Fails with the rule, what breaks it, and what to do about it. */
function holds(rule: string, fix: string, findings: readonly Finding[]): void {
  const list = findings.map(({ file, what }) => `  ${file.path}: ${what}`).join('\n');
  assert.ok(findings.length === 0, `Rule: ${rule}\nBroken by:\n${list}\nFix: ${fix}`);
}

function importsThat(files: readonly SourceFile[], isWrong: (each: SourceImport, file: SourceFile) => boolean) {
  return files.flatMap((file) =>
    file.imports.filter((each) => isWrong(each, file)).map((each) => ({ file, what: `imports ${each.specifier}` })),
  );
}

const isIn = (path: string, ...places: readonly string[]) => places.some((place) => path.startsWith(place));
const allBut = (files: readonly SourceFile[], ...places: readonly string[]) =>
  files.filter(({ path }) => !isIn(path, ...places));

suite('a framework stays in its folder', () => {
  const homes: readonly (readonly [folder: string, isFramework: (name: string) => boolean])[] = [
    [
      'src/teams/',
      (name) => /^botbuilder|^botframework-/.test(name) || ['@microsoft/teams-ai', 'restify'].includes(name),
    ],
    ['src/identity/', (name) => name.startsWith('@azure/')],
    ['src/cards/', (name) => name.startsWith('adaptivecards') || name === 'adaptive-expressions'],
    ['src/store/', (name) => ['kysely', 'node:sqlite', 'pg'].includes(name)],
  ];
  for (const [folder, isFramework] of homes) {
    test(folder, () =>
      holds(
        `only ${folder} knows its framework, so that replacing it touches that folder alone (DESIGN §3)`,
        `move the call into ${folder} behind a function of ours, and import that`,
        importsThat(allBut(src, folder), ({ target }) => isFramework(target)),
      ),
    );
  }
});

test('features do not know Teams: only the composition root imports src/teams', () =>
  holds(
    'a feature returns a Reply and never sees Teams',
    'return the value from the feature; hand what src/teams must offer it in through src/app.ts',
    importsThat(allBut(src, 'src/teams/', 'src/app.ts'), ({ target }) => isIn(target, 'src/teams/')),
  ));

test('nobody imports the composition root but the process and tests', () =>
  holds(
    'src/app.ts joins the parts; no part may reach back into it',
    'take what you need as a parameter and let src/app.ts pass it in',
    importsThat([...allBut(src, 'src/main.ts'), ...sandbox], ({ target }) => target === 'src/app.ts'),
  ));

test('nobody imports the process itself', () =>
  holds(
    'importing src/main.ts would start a bot',
    'import src/app.ts instead, or spawn src/main.ts as a process',
    importsThat(everything, ({ target }) => target === 'src/main.ts'),
  ));

test('Graph knows nothing of conversations', () =>
  holds(
    'src/graph is Microsoft Graph and nothing else: no turn, no card, no store, no sign-in',
    'pass plain values in, or move the code to the feature that has the conversation',
    importsThat(
      src.filter(({ path }) => isIn(path, 'src/graph/')),
      ({ target, isOurs }) =>
        isOurs &&
        isIn(
          target,
          ...['turn.ts', 'app.ts', 'conversation-id.ts', 'commands/', 'dialogs/', 'cards/', 'i18n/'].map(inSrc),
          ...['identity/', 'sync/', 'alerts/', 'store/', 'teams/'].map(inSrc),
        ),
    ),
  ));

test('the store knows nothing of Graph, and of features only the types it keeps', () =>
  holds(
    'src/store keeps plain data for others (DESIGN §3)',
    'make the record generic over the snapshot, as SyncRun is, or import the type alone',
    importsThat(
      src.filter(({ path }) => isIn(path, 'src/store/')),
      ({ target, isTypeOnly }) =>
        isIn(target, 'src/graph/') ||
        (!isTypeOnly && isIn(target, ...['identity/', 'sync/', 'dialogs/', 'commands/', 'cards/', 'i18n/'].map(inSrc))),
    ),
  ));

test('production code imports nothing of the rehearsal, tests or scripts', () =>
  holds(
    'npm start must work without sandbox/, test/, scripts/ and bench/',
    'move what production needs into src/',
    importsThat(src, ({ target, isOurs }) => isOurs && !isIn(target, 'src/')),
  ));

test('the rehearsal shares only types and pure addresses with the bot', () =>
  holds(
    'a stand-in built from the bot’s own code would agree with its mistakes',
    'write the stand-in from the platform’s documents; import types, src/lib/net.ts or src/clouds.ts at most',
    importsThat(
      sandbox,
      ({ target, isTypeOnly }) =>
        isIn(target, 'src/') && !isTypeOnly && !['src/lib/net.ts', 'src/clouds.ts'].includes(target),
    ),
  ));

test('only the process touches `process`', () =>
  holds(
    '`process` and the environment belong to src/main.ts',
    'take the value as a parameter; configuration comes from src/config.ts',
    linesThat(
      allBut(src, 'src/main.ts'),
      /(?<![\w$.])process\??\.[a-z]|globalThis\.process|from 'node:process'|\{[^}]*\} = process\b/,
    ),
  ));

test('nothing is unfinished, silenced or printed on the side', () => {
  const words = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|');
  const silencing = `@ts-${'ignore'}|@ts-${'nocheck'}|@ts-expect-error\\s*$`;
  holds(
    'what is committed is done',
    'finish it, or write down the decision in docs/decisions',
    linesThat(everything, new RegExp(`\\b(?:${words})\\b|${silencing}`), { withComments: true }),
  );
  holds(
    'unchecked types and side prints are not used; the log is src/telemetry/log.ts',
    'give the value its type (`unknown` and a check at the edge); log through the Log handed in',
    linesThat(
      everything.filter(({ path }) => path.endsWith('.ts')),
      new RegExp(`\\b${'console'}\\.\\w+\\(|(?::|<|\\bas|\\|)\\s*${'any'}\\b(?!\\s*['"\`\\w])`),
    ),
  );
  holds(
    'a file’s exports have names',
    'export a named function',
    linesThat(everything, new RegExp(`^export ${'default'}\\b`)),
  );
});

suite('files', () => {
  test('are named in kebab-case, languages apart', () =>
    holds(
      'a file is named for its one idea in kebab-case',
      'rename it',
      everything
        .filter(
          ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.(ts|js)$/.test(basename(path).replace('zh-CN', 'zh')),
        )
        .map((file) => ({ file, what: 'is named otherwise' })),
    ));

  test('are chapters of at most 400 lines', () =>
    holds(
      'a file is one concept with all that belongs to it, read from top to bottom: at most 400 lines',
      'find the second concept in it and give it a chapter of its own',
      [...src, ...sandbox]
        .filter(({ lines }) => lines > 400)
        .map((file) => ({ file, what: `has ${file.lines} lines` })),
    ));
});

test('the rules look at real files and see every form of import', () => {
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

function inSrc(place: string): string {
  return `src/${place}`;
}

/** Lines that match; comments are left out unless asked for. */
function linesThat(files: readonly SourceFile[], pattern: RegExp, options: { withComments?: boolean } = {}): Finding[] {
  return files.flatMap((file) =>
    file.text.split('\n').flatMap((line, index) => {
      const code = options.withComments ? line : line.replace(/^\s*(\/?\*|\/\/).*$|\s\/\/ .*$/, '');
      return pattern.test(code) ? [{ file, what: `line ${index + 1}: ${line.trim()}` }] : [];
    }),
  );
}
