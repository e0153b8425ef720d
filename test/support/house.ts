import type { SourceFile, SourceImport } from './source-files.ts';

interface Finding {
  readonly path: string;
  readonly problem: string;
}

export interface Rule {
  readonly rule: string;
  readonly fix: string;
  /** The files, or lines of a document, that break the rule. */
  readonly findings: readonly Finding[];
}

/** Each layer may import from those before it. Folders of one row never import each other; files of one row may. */
const layerRows: readonly (readonly string[])[] = [
  ['lib'],
  ['domain'],
  ['i18n'],
  ['config.ts', 'variables.ts', 'clouds.ts'],
  ['graph', 'identity', 'store'],
  ['telemetry'],
  ['cards'],
  ['audit'],
  ['sync'],
  ['alerts'],
  ['doctor'],
  ['dialogs'],
  ['commands'],
  ['teams'],
  ['app.ts', 'main.ts'],
];

/** The one file or folder that may import a framework, or how the names of its few files begin. */
const homes: readonly (readonly [framework: RegExp, home: string])[] = [
  [/^restify$/, 'src/teams/server.ts'],
  [/^botbuilder|^botframework-|^@microsoft\/teams-ai$/, 'src/teams/hosts/botbuilder.ts'],
  [/^@microsoft\/agents-/, 'src/teams/hosts/agents.ts'],
  [/^@azure\//, 'src/identity/'],
  [/^kysely$/, 'src/store/'],
  [/^pg$/, 'src/store/postgres.ts'],
  [/^node:sqlite$/, 'src/store/sqlite'],
  [/^adaptivecards|^adaptive-expressions$/, 'src/cards/render.ts'],
  [/^@opentelemetry\//, 'src/telemetry/traces.ts'],
  [/^pino$/, 'src/telemetry/log.ts'],
];

const mostLines = 400;
const fewestLines = 30;
const mostFilesInFolder = 30;

/** Rule 1. */
export function importsGoDown(files: readonly SourceFile[]): Rule {
  const findings = findImports(files, ({ target }, { path }) => {
    if (!target.startsWith('src/')) return false;
    const [from, to] = [layerOf(path), layerOf(target)];
    return from.row < 0 || to.row < 0 || (to.row >= from.row && from.name !== to.name);
  });
  return {
    rule: `imports go down only, types included: ${layerRows.map((row) => row.join(' and ')).join(', ')}`,
    fix: 'move what is needed to the lower layer, or take it as a parameter that src/app.ts hands in',
    findings,
  };
}

function layerOf(path: string): { readonly row: number; readonly name: string } {
  const name = path.split('/')[1] ?? '';
  const row = layerRows.findIndex((names) => names.includes(name));
  return { row, name: name.endsWith('.ts') ? `files of row ${row}` : name };
}

/** Rule 2. */
export function importsFormNoCircle(files: readonly SourceFile[]): Rule {
  const left = new Map(files.map((file) => [file.path, new Set(file.imports.map(({ target }) => target))]));
  const isEnd = (path: string, targets: ReadonlySet<string>) =>
    ![...targets].some((target) => left.has(target)) || ![...left.values()].some((others) => others.has(path));
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [path, targets] of left) if (isEnd(path, targets)) left.delete(path);
  }
  return {
    rule: 'files import each other in no circle, `import type` included',
    fix: 'move the type or function that both need to a file below them',
    findings: [...left].map(([path, targets]) => ({
      path,
      problem: `is in or between circles, by ${[...targets].filter((target) => left.has(target)).join(', ')}`,
    })),
  };
}

/** Rule 3. */
export function frameworksStayAtHome(files: readonly SourceFile[]): Rule {
  return {
    rule: `a framework is imported in its home alone: ${homes.map(([, home]) => home).join(', ')}`,
    fix: 'put the call behind a function of that file or folder, and import that',
    findings: findImports(files, ({ target }, { path }) =>
      homes.some(([framework, home]) => framework.test(target) && !path.startsWith(home)),
    ),
  };
}

/** Rule 4. */
export function filesAreChapters(files: readonly SourceFile[]): Rule {
  const folders = Map.groupBy(files, ({ path }) => path.slice(0, path.lastIndexOf('/')));
  const isIndex = ({ path }: SourceFile) => path.endsWith('/index.ts') || folders.has(path.replace(/\.ts$/, ''));
  const isSmall = (file: SourceFile) => {
    const [importer, ...others] = files.filter(({ imports }) => imports.some(({ target }) => target === file.path));
    const hasItsReason = isIndex(file) || file.path.includes('/migrations/') || (importer && isIndex(importer));
    return file.lines < fewestLines && importer !== undefined && others.length === 0 && !hasItsReason;
  };
  return {
    rule:
      `a file is a chapter: at most ${mostLines} lines; under ${fewestLines} only if several import it, or an index that lists it, ` +
      `or if it is a migration; at most ${mostFilesInFolder} files a folder`,
    fix: 'give a second concept its own chapter; put a small file into the one that imports it; split the folder by concept',
    findings: [
      ...files
        .filter(({ lines }) => lines > mostLines)
        .map(({ path, lines }) => ({ path, problem: `has ${lines} lines` })),
      ...files.filter(isSmall).map(({ path, lines }) => ({ path, problem: `has ${lines} lines and one importer` })),
      ...[...folders]
        .filter(([, own]) => own.length > mostFilesInFolder)
        .map(([path, own]) => ({ path, problem: `has ${own.length} files` })),
    ],
  };
}

/** Rule 5. */
export function helpersStandOnce(files: readonly SourceFile[]): Rule {
  const places = new Map<string, string[]>();
  for (const { path, text } of files)
    for (const helper of helpersIn(text)) places.set(helper, [...(places.get(helper) ?? []), path]);
  return {
    rule: 'a small helper is written once: no two files define a function or a computed constant of the same name and body',
    fix: 'move it to src/lib, or export it from the lower of the files, and import it',
    findings: [...places].flatMap(([helper, paths]) =>
      new Set(paths).size < 2 ? [] : paths.map((path) => ({ path, problem: `defines ${helper.slice(0, 100)}` })),
    ),
  };
}

const declaration = /^(?:export )?(?:async )?(?:function|const) \w[\s\S]*?(?=\n[^\s})\]]|(?![\s\S]))/gm;
/** Two limits may have one number by chance. */
const plainValue = /= (?:-?[\w.]+|'[^']*'|true|false);$/;

/** Top-level functions and constants, each in one line and without `export`. */
function helpersIn(text: string): string[] {
  return [...text.matchAll(declaration)]
    .map(([code]) =>
      code
        .replace(/^export /, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter((code) => !plainValue.test(code));
}

/** Rule 6. `map` is the block of README that lists the folders, `folders` those there are, such as `src/cards`. */
export function foldersAreOnTheMap(map: string, folders: readonly string[]): Rule {
  const listed: string[] = [];
  let parent = '';
  for (const { groups } of map.matchAll(/^(?<indent> *)(?<name>[\w-]+)\/(?= )/gm)) {
    const { indent = '', name = '' } = groups ?? {};
    if (indent === '') parent = name;
    listed.push(indent === '' ? name : `${parent}/${name}`);
  }
  return {
    rule: 'every folder has its line in README’s map, and every line a folder',
    fix: 'add or remove the line in README.md, below "How it is built"',
    findings: [
      ...folders
        .filter((folder) => !listed.includes(folder))
        .map((path) => ({ path, problem: 'has no line in the map' })),
      ...listed
        .filter((folder) => !folders.includes(folder))
        .map((path) => ({ path, problem: 'is in the map, and no folder' })),
    ],
  };
}

/** Imports that break a rule. */
export function findImports(
  files: readonly SourceFile[],
  isWrong: (each: SourceImport, file: SourceFile) => boolean,
): Finding[] {
  return files.flatMap((file) =>
    file.imports
      .filter((each) => isWrong(each, file))
      .map(({ specifier }) => ({ path: file.path, problem: `imports ${specifier}` })),
  );
}
