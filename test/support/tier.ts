/** The variable in which a run of the quick tier says so to its test processes. */
export const tierVariable = 'VPP_SYNC_TEST_TIER';

/** Stores are in SQLite alone then. A file that is run by itself, or by its name, has every engine. */
export const isQuickTier = process.env[tierVariable] === 'quick';

/** The variable in which a run of all tests, which builds first, says `on`: end-to-end tests run what was built. */
export const builtVariable = 'VPP_SYNC_TEST_BUILT';
