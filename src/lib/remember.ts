import { createBoundedMap } from './limits.ts';

/**
 * A pure function of one text that remembers its results, at most `most` of them: those used last. The function's result must not be
 * changed by whoever gets it.
 */
export function remember<Result>(most: number, compute: (text: string) => Result): (text: string) => Result {
  const results = createBoundedMap<{ readonly result: Result }>(most);
  return (text) => {
    const known = results.get(text) ?? { result: compute(text) };
    results.set(text, known);
    return known.result;
  };
}
