import type { Runtime } from '../../src/lib/runtime.ts';
import { createLines } from './turns.ts';

/** A runtime as a test decides it: unless given, it is 0 o'clock, no wait takes any time, chance is even, and nobody reads the log. */
export function createRuntime(given: Partial<Runtime> = {}): Runtime {
  const { now = () => 0, wait = async () => undefined, random = () => 0.5, log = createLines().log } = given;
  return { now, wait, random, log };
}
