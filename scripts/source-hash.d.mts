/** A hash of everything that a build depends on; undefined where the sources are not, as in an image that holds `dist` alone. */
export function hashSources(root: string): string | undefined;
/** What `dist` is: absent, built from these sources, or from others. */
export function stateOfBuild(root: string): 'absent' | 'fresh' | 'stale';
