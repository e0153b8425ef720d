/** The first look comes within 2 s of the POST; then one every 2.5 s in the first minute, and every 3 s later. */
const firstMs = 1_000;
const earlyMs = 2_500;
const laterMs = 3_000;
const earlyForMs = 60_000;

/** From one look at a running sync to the next, when the one before was `elapsedMs` after its POST; 0 stands for the POST. */
export function nextLookInMs(elapsedMs: number): number {
  if (elapsedMs < firstMs) return firstMs;
  return elapsedMs < earlyForMs ? earlyMs : laterMs;
}
