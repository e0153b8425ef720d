import type { IncomingMessage } from 'node:http';
import type { Config } from '../config.ts';
import { createRateLimit } from '../lib/limits.ts';
import { findTenantId, type InboundActivity } from './inbound-activity.ts';
import { findMalformed } from './inbound-form.ts';
import type { InboundToken } from './inbound-token.ts';
import { readBody } from './request-body.ts';
import { isServiceUrlAllowed } from './service-urls.ts';

export interface InboundGuardOptions {
  readonly config: Pick<Config, 'cloud' | 'extraServiceUrls' | 'allowedTenants'>;
  readonly token: InboundToken;
  readonly now: () => number;
}

export type Admission =
  | { readonly ok: true; readonly activity: InboundActivity }
  /** `why` is for the log alone; the caller learns the status and nothing else. */
  | { readonly ok: false; readonly status: 400 | 401 | 403 | 413 | 429; readonly why: string };

const windowMs = 10_000;
const mostPerPerson = 60;
const mostPerTenant = 1_200;

/**
 * Decides whether a request may enter, before any framework sees it: size and form, the channel's signature, the address
 * it wants answers at, the tenant it speaks for, and how often. A refused request has no effect and counts against nobody.
 */
export function createInboundGuard(options: InboundGuardOptions): (request: IncomingMessage) => Promise<Admission> {
  const perPerson = createRateLimit(mostPerPerson, windowMs);
  const perTenant = createRateLimit(mostPerTenant, windowMs);

  return async (request) => {
    const read = await readBody(request);
    if (!read.ok) return read;
    const activity = read.body as unknown as InboundActivity;
    const malformed = findMalformed(activity);
    if (malformed) return { ok: false, status: 400, why: `${malformed} is not of its form` };

    const checked = await options.token.verify(request.headers.authorization, activity.serviceUrl);
    if (!checked.ok) return { ok: false, status: 401, why: checked.why };

    const forbidden = whyForbidden(activity, options.config);
    if (forbidden) return { ok: false, status: 403, why: forbidden };

    const tenant = findTenantId(activity) ?? '';
    const now = options.now();
    const person = `${tenant} ${(activity.from?.aadObjectId ?? activity.from?.id ?? '').toLowerCase()}`;
    if (!perPerson.hasRoom(person, now)) return { ok: false, status: 429, why: 'too many from one person' };
    if (!perTenant.admit(tenant, now)) return { ok: false, status: 429, why: 'too many from one tenant' };
    perPerson.admit(person, now);
    return { ok: true, activity };
  };
}

function whyForbidden(activity: InboundActivity, config: InboundGuardOptions['config']): string | undefined {
  if (activity.channelId !== 'msteams') return 'channel is not msteams';
  if (!isServiceUrlAllowed(activity.serviceUrl, config)) return 'serviceUrl is not one of Teams';
  const tenants = [activity.conversation?.tenantId, activity.channelData?.tenant?.id].filter(
    (id) => typeof id === 'string',
  );
  if (tenants.length === 0) return 'no tenant';
  if (new Set(tenants.map((id) => id.toLowerCase())).size > 1) return 'tenants disagree';
  if (!config.allowedTenants.includes(findTenantId(activity) ?? '')) return 'tenant is not allowed';
  return undefined;
}
