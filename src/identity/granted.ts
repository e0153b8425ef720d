import { decodeJwt } from 'jose';

/** What an access token says it may do. Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference. */
export interface Granted {
  /** Of a person's token. */
  readonly scopes: readonly string[];
  /** Of an app's own token. */
  readonly roles: readonly string[];
}

/**
 * Reads a token that Entra gave to this bot; undefined when it cannot be read, which Entra is free to bring about any day.
 * Nothing is verified: good for telling people what was granted, never for deciding anything.
 */
export function findGranted(accessToken: string): Granted | undefined {
  try {
    const { scp, roles } = decodeJwt(accessToken);
    return {
      scopes: typeof scp === 'string' ? scp.split(' ').filter((scope) => scope !== '') : [],
      roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    };
  } catch {
    return undefined;
  }
}
