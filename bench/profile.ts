import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './bots.ts';

/** A CPU profile as V8's inspector gives it. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

const functionsShown = 45;
const callersShown = 3;
const callerDepth = 40;

/** A profile as text: time by package, then the functions with the most time of their own, each with who calls them. */
export function describeProfile(profile: Profile): string {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const selfUs = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    selfUs.set(id, (selfUs.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const packages = new Map<string, number>();
  const functions = new Map<string, { us: number; readonly callers: Map<string, number> }>();
  /** Time of a function with everything below it; recursion is counted once. */
  const inclusive = new Map<string, number>();
  let totalUs = 0;
  for (const [id, us] of selfUs) {
    const node = nodes.get(id);
    if (!node || node.callFrame.functionName === '(idle)') continue;
    totalUs += us;
    const name = nameOf(node);
    add(packages, packageOf(node), us);
    const entry = functions.get(name) ?? { us: 0, callers: new Map<string, number>() };
    entry.us += us;
    functions.set(name, entry);
    const above = listAbove(id);
    add(entry.callers, findOwner(above, packageOf(node)), us);
    for (const each of new Set([name, ...above.map(nameOf)])) add(inclusive, each, us);
  }

  function listAbove(id: number): ProfileNode[] {
    const above: ProfileNode[] = [];
    for (let at = parents.get(id); at !== undefined && above.length < callerDepth; at = parents.get(at)) {
      const node = nodes.get(at);
      if (node) above.push(node);
    }
    return above;
  }

  const share = (us: number) => `${((100 * us) / totalUs).toFixed(1).padStart(5)} %`;
  const own = [...inclusive].filter(([name]) => name.includes('src/') || name.includes('dist/'));
  return [
    `${(totalUs / 1e6).toFixed(2)} s of the main thread, in which it computed or waited for the disk`,
    '',
    'By package (time of its own):',
    ...sorted(packages).map(([name, us]) => `${share(us)}  ${name}`),
    '',
    'Functions of ours, with everything they call (awaits are not followed):',
    ...sorted(new Map(own))
      .slice(0, functionsShown)
      .map(([name, us]) => `${share(us)}  ${name}`),
    '',
    'Functions by time of their own, and the nearest callers of another package:',
    ...[...functions]
      .toSorted(([, a], [, b]) => b.us - a.us)
      .slice(0, functionsShown)
      .flatMap(([name, { us, callers }]) => [
        `${share(us)}  ${name}`,
        ...sorted(callers)
          .slice(0, callersShown)
          .map(([caller, part]) => `          ${share(part)}  from ${caller}`),
      ]),
    '',
  ].join('\n');
}

const sorted = (times: ReadonlyMap<string, number>) => [...times].toSorted(([, a], [, b]) => b - a);
const add = (times: Map<string, number>, name: string, us: number) => times.set(name, (times.get(name) ?? 0) + us);

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const place = url === '' ? '' : ` ${placeOf(url)}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}

const placeOf = (url: string) => (url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url);

function packageOf({ callFrame: { functionName, url } }: ProfileNode): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return url.startsWith('node:internal') ? 'node:internal' : url;
  const place = placeOf(url);
  return (
    /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(place)?.[1] ?? place.split('/').slice(0, 2).join('/')
  );
}

/** The nearest function above that belongs to another package than the one called. */
function findOwner(above: readonly ProfileNode[], callee: string): string {
  const owner = above.find(
    (node) => packageOf(node) !== callee && node.callFrame.url !== '' && !packageOf(node).startsWith('node:'),
  );
  return owner ? nameOf(owner) : (above[0] && nameOf(above[0])) || '(root)';
}
