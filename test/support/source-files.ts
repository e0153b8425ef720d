import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** With the slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface SourceImport {
  /** As it is written. */
  readonly specifier: string;
  /** For a file of ours its path from the root, such as `src/domain/turn.ts`; for a package its name; `node:…` for Node's own; an address as it is. */
  readonly target: string;
  readonly isOurs: boolean;
  /** Gone at run time. */
  readonly isTypeOnly: boolean;
}

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly SourceImport[];
}

const statement = /^(?:import|export)\s+(?<what>[^'"`;]*?\sfrom\s+)?['"](?<from>[^'"]+)['"]/gm;
const called = /\b(?:import|require|import\.meta\.resolve)\(\s*['"](?<from>[^'"]+)['"]/g;

/** Every file below the root that matches, read and its imports found. */
export function listSourceFiles(...patterns: readonly string[]): SourceFile[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort().map(readSourceFile));
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function readSourceFile(native: string): SourceFile {
  const path = native.split(sep).join('/');
  return toSourceFile(path, readText(path));
}

/** The file that this path would be with this text. */
export function toSourceFile(path: string, text: string): SourceFile {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return { path, text, lines, imports: importsIn(text, path) };
}

/** A file's imports: static and dynamic ones, re-exports, `require` and `import.meta.resolve`. */
export function importsIn(text: string, path: string): SourceImport[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(statement), ...code.matchAll(called)].map(({ groups = {} }) => {
    const specifier = groups.from ?? '';
    const isOurs = specifier.startsWith('.');
    const target = isOurs
      ? normalize(join(dirname(path), specifier))
          .split(sep)
          .join('/')
      : packageOf(specifier);
    return { specifier, target, isOurs, isTypeOnly: isTypeOnly(groups.what) };
  });
}

function isTypeOnly(what = ''): boolean {
  if (/^type\s/.test(what)) return true;
  const names = /^\{(?<inside>[^}]*)\}/
    .exec(what)
    ?.groups?.inside?.split(',')
    .filter((name) => name.trim() !== '');
  return names !== undefined && names.length > 0 && names.every((name) => /^\s*type\s/.test(name));
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:') || specifier.startsWith('/')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
