import type { SignInRequest, SignInRequests } from '../../src/domain/sign-in-request.ts';
import { adaId, tenantId } from './entra-double.ts';

type Changes = Partial<SignInRequest>;

export function signInRequest(changes: Changes = {}): SignInRequest {
  const createdAt = Date.now();
  return {
    id: 'request-1',
    owner: { tenantId, aadObjectId: adaId, name: 'Ada <b>"&\'', teamsId: '29:ada' },
    conversation: {
      serviceUrl: 'https://smba.trafficmanager.net/teams/',
      id: '19:thread;messageid=1',
      kind: 'channel',
      tenantId,
      bot: { id: '28:bot', name: 'VPP Sync' },
    },
    locale: 'en',
    purpose: 'signIn',
    resume: '{}',
    createdAt,
    expiresAt: createdAt + 15 * 60_000,
    ...changes,
  };
}

/** Sign-in requests in a Map, with the guarantees of the stored ones. */
export function createRequests(...given: readonly SignInRequest[]) {
  const kept = new Map(given.map((request) => [request.id, request]));
  const change = (id: string, changes: Changes) => {
    const request = kept.get(id);
    if (request) kept.set(id, { ...request, ...changes });
  };
  const used = new Set<string>();
  const requests: SignInRequests = {
    find: async (id) => kept.get(id),
    useState: async (hash) => used.size < used.add(hash).size,
    recordFailure: async (id, failure) => change(id, { failure }),
    escalate: async (id, purpose, claims) => change(id, { purpose, ...(claims !== undefined && { claims }) }),
    async take(id, now) {
      const request = kept.get(id);
      if (!request || request.usedAt !== undefined || request.expiresAt <= now) return false;
      change(id, { usedAt: now });
      return true;
    },
  };
  return { requests, change };
}
