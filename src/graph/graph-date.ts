/** Epoch milliseconds by Graph's clock, to the second, from any answer of it; no token is sent. Undefined when none came. */
export async function findGraphDate(baseUrl: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const response = await fetch(`${baseUrl}/v1.0/`, { method: 'HEAD', redirect: 'manual', signal });
    const at = Date.parse(response.headers.get('date') ?? '');
    return Number.isNaN(at) ? undefined : at;
  } catch {
    return undefined;
  }
}
