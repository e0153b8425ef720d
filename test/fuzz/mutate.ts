import type { Random } from '../support/random.ts';
import { strangeText, strangeValue } from './strange-values.ts';

type Path = readonly (string | number)[];

/**
 * A copy of a JSON value with up to three things wrong with it: a property missing, null, of another kind, huge, twice as long,
 * under another name, in a list or taken out of one, or joined by properties that nobody asked for.
 */
export function mutate(random: Random, value: unknown): unknown {
  let mutant = structuredClone(value);
  const times = random.pick([1, 1, 1, 2, 3]);
  for (let time = 0; time < times; time += 1) {
    const paths = pathsIn(mutant);
    mutant = changeAt(mutant, random.pick(paths), (found) => change(random, found));
  }
  return mutant;
}

const gone = Symbol('gone');

function change(random: Random, found: unknown): unknown {
  switch (random.below(10)) {
    case 0:
    case 1:
      return gone;
    case 2:
      return null;
    case 3:
      return [found];
    case 4:
      return Array.isArray(found) ? found[0] : { value: found };
    case 5:
      return typeof found === 'string' ? changedText(random, found) : strangeValue(random);
    case 6:
      return isObject(found) ? withMore(random, found) : strangeValue(random);
    default:
      return strangeValue(random);
  }
}

function changedText(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + strangeText(random) + text.slice(at);
    case 1:
      return text.slice(0, at);
    case 2:
      return text + text;
    case 3:
      return random.once(2) ? text.toUpperCase() : ` ${text} `;
    default:
      return text.slice(0, at) + text.slice(at + 1);
  }
}

function withMore(random: Random, found: Readonly<Record<string, unknown>>): unknown {
  const name = random.pick(['__proto__', 'constructor', 'toString', 'token', 'id', '', '@odata.type', 'x'.repeat(500)]);
  // Not by assignment, which would set the prototype instead of a property of that name.
  return Object.fromEntries([...Object.entries(found), [name, strangeValue(random)]]);
}

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (path.length > 8) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return [path, ...entries.slice(0, 40).flatMap(([key, item]) => pathsIn(item, [...path, key]))];
}

function changeAt(value: unknown, path: Path, by: (found: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    const changed = by(value);
    return changed === gone ? undefined : changed;
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => {
      const changed = index === key ? (rest.length === 0 ? by(item) : changeAt(item, rest, by)) : item;
      return changed === gone ? [] : [changed];
    });
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const changed = name === key ? (rest.length === 0 ? by(item) : changeAt(item, rest, by)) : item;
      return changed === gone ? [] : [[name, changed] as const];
    }),
  );
}

/** The same as text, now and then with what only a text can have: names twice, numbers of any length, trailing garbage. */
export function textOf(random: Random, value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  if (!random.once(12)) return text;
  switch (random.below(6)) {
    case 0:
      return text.replace(/"(type|text|id|name|from|conversation|value)":/, (found) => `${found}null,${found}`);
    case 1:
      return text.replace(/\{/, () => `{"type":"invoke","serviceUrl":"https://evil.example/",`);
    case 2:
      return text.slice(0, random.below(text.length + 1));
    case 3:
      return `\ufeff${text}`;
    case 4:
      return text.replace(/:"/, `:${'9'.repeat(400)},"x":"`);
    default:
      return `${text}${random.pick(['x', '}', ',{}', '\0', '//'])}`;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
