/** What Entra's token endpoint said, as far as an error needs it. Holds no token and no message text. */
export interface EntraAnswer {
  readonly status: number;
  /** False when the body was no JSON object, such as a proxy's page. */
  readonly isReadable: boolean;
  readonly retryAfterMs?: number;
  /** OAuth error, such as `invalid_grant`. */
  readonly error?: string;
  readonly suberror?: string;
  /** AADSTS numbers, most telling first, as text. */
  readonly codes: readonly string[];
  /** Claims challenge, unchanged. */
  readonly claims?: string;
}

/** MSAL drops claims, status and Retry-After from some of its errors, hence the answer itself is read. */
export function readEntraAnswer(status: number, retryAfter: string | null, body: unknown): EntraAnswer {
  const isReadable = typeof body === 'object' && body !== null && !Array.isArray(body);
  const fields = (isReadable ? body : {}) as Record<string, unknown>;
  const text = (name: string) => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? { [name]: value } : {};
  };
  const retryAfterMs = readRetryAfter(retryAfter);
  const codes = Array.isArray(fields.error_codes) ? fields.error_codes.map(String) : codesIn(fields.error_description);
  return {
    status,
    isReadable,
    codes,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...text('error'),
    ...text('suberror'),
    ...text('claims'),
  };
}

/** The number Entra's descriptions begin with, for answers that passed something which dropped the list of codes. */
function codesIn(description: unknown): string[] {
  const code = typeof description === 'string' ? /^AADSTS(\d{4,8})\b/.exec(description)?.[1] : undefined;
  return code === undefined ? [] : [code];
}

/** Seconds, the form Entra uses. A date is left out rather than trusted to a clock elsewhere. */
function readRetryAfter(value: string | null): number | undefined {
  return value !== null && /^\d{1,6}$/.test(value.trim()) ? Number(value) * 1000 : undefined;
}
