/**
 * Text as both engines give it back exactly as it was stored, so that a hash over it stays true: one line, whole characters, at
 * most 200 units. Nothing and the empty text are one.
 */
export function auditText(text: string | null | undefined): string | null {
  const kept = (text ?? '')
    .slice(0, 200)
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed();
  return kept === '' ? null : kept;
}
