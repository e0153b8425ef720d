/**
 * A moment as Graph writes it: seven fractional digits, the last four made from the moment itself; `0001-01-01` for never.
 * Source: a captured v1.0 answer, facts of Graph, schema.
 */
export function toGraphDate(epochMs: number | undefined): string {
  if (epochMs === undefined) return '0001-01-01T00:00:00Z';
  const beyondMs = String((Math.floor(epochMs / 7) % 9999) + 1).padStart(4, '0');
  return new Date(epochMs).toISOString().replace('Z', `${beyondMs}Z`);
}
