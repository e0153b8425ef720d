/** From so many syncs on there is something usual about them; only the newest count. */
const fewest = 3;
export const newestCounted = 20;

/** The median of earlier durations; undefined while there are too few to tell. */
export function findUsualMs(timesTakenMs: readonly number[]): number | undefined {
  if (timesTakenMs.length < fewest) return undefined;
  const sorted = timesTakenMs.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return Math.round((low + high) / 2);
}
