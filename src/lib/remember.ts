/**
 * A pure function of one text that remembers its newest results, at most `most` of them. The function's result must not be changed by
 * whoever gets it.
 */
export function remember<Result>(most: number, compute: (text: string) => Result): (text: string) => Result {
  const results = new Map<string, Result>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined || results.has(text)) return known as Result;
    const result = compute(text);
    if (results.size >= most) {
      const [oldest] = results.keys();
      results.delete(oldest ?? '');
    }
    results.set(text, result);
    return result;
  };
}
