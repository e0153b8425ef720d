import type { IncomingMessage, ServerResponse } from 'node:http';

/** One stand-in of the rehearsal tenant, mounted under a path prefix of the sandbox's single loopback server. */
export interface StandIn {
  /** First path segment with its slash, such as `/entra`. */
  readonly prefix: string;
  /** `url.pathname` is without the prefix. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  stop?(): Promise<void>;
}

/** An Entra tenant. `usesBot` is false for a guest's home tenant, which is not in ALLOWED_TENANTS and has no Intune. */
export interface SandboxTenant {
  readonly id: string;
  readonly name: string;
  /** Domain of its people's user names. */
  readonly domain: string;
  readonly usesBot: boolean;
}

/** A person's role in Intune. `scopeLimited` sees only tokens with their scope tags; a `guest` is from another tenant. */
export type IntuneRole = 'full' | 'readOnly' | 'scopeLimited' | 'none' | 'guest';

export interface SandboxPerson {
  /** Short stable handle for tests and the page, such as `ada`. */
  readonly key: string;
  readonly name: string;
  readonly title: string;
  /** Their home tenant, the `tid` of their assertions. */
  readonly tenantId: string;
  /** A tenant that they are a guest of: they are in its conversations and may sign in there. */
  readonly guestIn?: string;
  readonly aadObjectId: string;
  /** `29:…` */
  readonly teamsId: string;
  readonly userPrincipalName: string;
  readonly role: IntuneRole;
  readonly scopeTagIds?: readonly string[];
  /** Their Teams language, such as `en-US` or `zh-CN`. */
  readonly locale: string;
}

/** The two app registrations the bot uses, as Entra knows them. */
export interface Registration {
  readonly botId: string;
  readonly botPassword: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** `AAD_APP_ID_URI`. */
  readonly idUri: string;
  /** `{PUBLIC_URL}/auth/end` */
  readonly redirectUri: string;
}

/** Claims of an access token that the Entra stand-in issued and Graph verified. */
export interface GraphCaller {
  readonly tenantId: string;
  /** Absent for an app token. */
  readonly aadObjectId?: string;
  /** Delegated scopes, without the Graph root. */
  readonly scopes: readonly string[];
  /** Application roles. */
  readonly roles: readonly string[];
}

/** Addresses and clock shared by all stand-ins. `baseUrl` is known once the server listens, such as `http://127.0.0.1:3979`. */
export interface SandboxContext {
  baseUrl(): string;
  /** Epoch milliseconds. */
  now(): number;
}
