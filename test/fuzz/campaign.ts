import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFlat, usedBytes } from '../support/flat-memory.ts';
import { createRandom, type Random } from '../support/random.ts';
import { nothingWasUncaught } from './faults.ts';

/** How many cases a whole run of test/fuzz has, unless FUZZ_CASES says otherwise, as the quick tests do. */
const usualCases = 100_000;
const longestMs = 6 * 60 * 60_000;

/** The same in every run, so that a failure is nobody's luck; `FUZZ_SEED=random` tries others. */
const usualSeed = 1;
const givenSeed = process.env.FUZZ_SEED ?? usualSeed;
const seed = givenSeed === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(givenSeed);
const allCases = Number(process.env.FUZZ_CASES ?? usualCases);
for (const [name, value] of Object.entries({ FUZZ_SEED: seed, FUZZ_CASES: allCases })) {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} must be a whole number`);
}

export interface Campaign {
  /** Name of the test file, for the command that repeats a failure. */
  readonly file: string;
  /** Part of the whole run's cases. */
  readonly share: number;
  /** States what holds in every case. */
  readonly what: string;
  /** Fails when it does not hold. `record` takes what the case is made of, before it is tried. */
  readonly one: (random: Random, record: (input: string) => void) => Promise<void>;
  /** How often that happened without which the cases would show nothing; each must have, in a run of 2,000 cases or more. */
  readonly happened: () => Readonly<Record<string, number>>;
}

/**
 * Makes a test of many cases, each out of a chance of its own. Fails as well when anything was left uncaught, when every object
 * has a property more than before, or when memory grows with the cases. A failure says how to see it again.
 */
export function fuzz({ file, share, what, one, happened }: Campaign): void {
  const cases = Math.max(1, Math.round(allCases * share));
  const warm = Math.min(2_000, Math.floor(cases / 5));

  test(`${what} (${cases} cases, seed ${seed})`, { timeout: longestMs }, async (t) => {
    let before = await usedBytes();
    for (let number = 0; number < cases; number += 1) {
      let input = '';
      try {
        await one(createRandom(seed + number), (recorded) => {
          input = recorded;
        });
        await nothingWasUncaught();
      } catch (error) {
        const again = `FUZZ_SEED=${seed} FUZZ_CASES=${allCases} node scripts/test.ts test/fuzz/${file}.test.ts`;
        throw new Error(`Case ${number} failed: ${input.slice(0, 3_000)}\nRepeat with ${again}`, { cause: error });
      }
      if (number === warm) before = await usedBytes();
    }
    t.diagnostic(JSON.stringify(happened()));
    if (cases >= 2_000) {
      for (const [name, times] of Object.entries(happened())) assert.ok(times > 0, `Of all cases none: ${name}`);
    }
    await isFlat(before, cases);
  });
}
