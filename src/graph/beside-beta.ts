/**
 * Asks v1.0 and, when `askBeta` is given, beta at the same time. What beta adds may neither break nor hold up what v1.0
 * answers: any failure of it, or 5 s without an answer, gives undefined. A failure of v1.0 is the whole's, and ends beta's call.
 */
export async function askBesideBeta<Answer, Addition>(
  askV1: () => Promise<Answer>,
  askBeta: ((signal: AbortSignal) => Promise<Addition>) | undefined,
  longestMs = 5000,
): Promise<readonly [Answer, Addition | undefined]> {
  const answered = new AbortController();
  const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(longestMs)]);
  const addition = askBeta?.(signal).catch(() => undefined);
  try {
    return [await askV1(), await addition];
  } finally {
    answered.abort();
  }
}
