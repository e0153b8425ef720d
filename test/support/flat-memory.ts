import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use once nothing that can go is left. */
export async function usedBytes(): Promise<number> {
  for (let times = 0; times < 4; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** More than caches fill while they warm up, and far less than a leak of one small object per case would make of it. */
const mostGrowthMb = 12;

/** Fails when the cases left more behind than caches hold. */
export async function isFlat(before: number, cases: number): Promise<void> {
  const grownMb = ((await usedBytes()) - before) / 1024 / 1024;
  assert.ok(grownMb < mostGrowthMb, `${cases} cases left ${grownMb.toFixed(1)} MB in memory; at most ${mostGrowthMb}`);
}
