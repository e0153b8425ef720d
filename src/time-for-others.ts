/** A process that was away has to say twice that it lives before its work is anybody's. */
const passes = 2;

/** After the store was away, whoever takes up the work of others gives them time to say that they live. */
export function createTimeForOthers() {
  let left = 0;
  return {
    /** The store was away. */
    give(): void {
      left = passes;
    },
    /** Whether this pass is still theirs. */
    take(): boolean {
      if (left === 0) return false;
      left -= 1;
      return true;
    },
  };
}
