/** One way for Graph to go wrong. `slow` and `hang` spend real time: they act on the connection. */
export type GraphFault =
  | {
      readonly kind: 'status';
      readonly status: 400 | 401 | 403 | 404 | 409 | 429 | 500 | 503 | 504;
      /** Seconds from now, written as a number or as an HTTP date; no header when left out. */
      readonly retryAfterS?: number;
      readonly retryAfterAs?: 'seconds' | 'httpDate';
    }
  /** A gateway's page, 502 unless told. */
  | { readonly kind: 'html'; readonly status?: number }
  /** The request is carried out; its answer loses its body. */
  | { readonly kind: 'emptyBody' }
  /** The request is carried out; half of its answer is sent, as if it were all. */
  | { readonly kind: 'truncatedJson' }
  /** The connection is cut, nothing having been carried out. */
  | { readonly kind: 'reset' }
  /** The answer waits, either whole or after its headers. */
  | { readonly kind: 'slow'; readonly ms: number; readonly after?: 'nothing' | 'headers' }
  /** Never answered. */
  | { readonly kind: 'hang' }
  /** The request is carried out and answered 504. */
  | { readonly kind: 'startedThen504' }
  /** Continuous access evaluation: 401 whose WWW-Authenticate carries these claims, in base64. */
  | { readonly kind: 'claimsChallenge'; readonly claims?: string }
  /** The list's answer points to another host for its next page. */
  | { readonly kind: 'foreignNextLink'; readonly url?: string };
