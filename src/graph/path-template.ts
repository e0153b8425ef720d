import type { GraphVersion } from './address.ts';

// A new resource adds its words here; until then they are masked, never its ids shown.
const words = new Set([
  'deviceAppManagement',
  'vppTokens',
  'mobileApps',
  'syncLicenses',
  'deviceManagement',
  'auditEvents',
]);

/** A path fit for logs and metric labels: every segment that is no known word is an id and becomes `{id}`. */
export function toPathTemplate(version: GraphVersion, path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  return `/${[version, ...segments.map((segment) => (words.has(segment) ? segment : '{id}'))].join('/')}`;
}
