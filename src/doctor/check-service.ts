import type { AuditVerdict } from '../audit/verify.ts';
import type { ConversationReference } from '../domain/turn.ts';
import { type Texts, textsFor } from '../i18n/texts.ts';
import { isLoopback } from '../lib/net.ts';
import { daysBetween } from '../lib/time.ts';
import type { StoreHealth } from '../telemetry/health.ts';
import { attention, type Check, type Finding, good, warning } from './finding.ts';

/** What Teams did with something sent. */
export type SendingOutcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly status: string }
  | { readonly kind: 'unreachable' };

export interface ServiceParts {
  /** Sends something that leaves no trace in the conversation. */
  readonly trySending: (conversation: ConversationReference) => Promise<SendingOutcome>;
  readonly hasInboundKeys: () => Promise<boolean>;
  readonly publicUrl: string;
  /** Epoch milliseconds by Microsoft's clock. */
  readonly findGraphDate: (signal: AbortSignal) => Promise<number | undefined>;
  readonly checkStore: () => Promise<StoreHealth>;
  readonly verifyAudit: () => Promise<AuditVerdict>;
  readonly version: string;
  readonly now: () => number;
}

/** Assertions are allowed this much, and a Date header is true to the second. */
const skewMs = 60_000;

/** What can be told of the bot itself, to anybody: nothing of it is a tenant's. */
export function serviceChecks(parts: ServiceParts): Readonly<Record<'first' | 'last', readonly Check[]>> {
  const { now } = parts;
  const registration: Check = {
    name: 'registration',
    async look({ conversation, locale }) {
      const words = textsFor(locale).doctor.registration;
      const outcome = await parts.trySending(conversation);
      if (outcome.kind === 'taken') return good(words.good);
      return attention(outcome.kind === 'refused' ? words.refused(outcome.status) : words.unreachable);
    },
  };
  const inboundKeys: Check = {
    name: 'inboundKeys',
    async look({ locale }) {
      const words = textsFor(locale).doctor.inboundKeys;
      return (await parts.hasInboundKeys()) ? good(words.good) : attention(words.missing);
    },
  };
  const address: Check = {
    name: 'address',
    async look({ locale }): Promise<Finding> {
      const words = textsFor(locale).doctor.address;
      if (new URL(parts.publicUrl).protocol === 'https:') return good(words.good);
      return isLoopback(parts.publicUrl) ? warning(words.loopback) : attention(words.insecure);
    },
  };
  const clock: Check = {
    name: 'clock',
    async look({ locale }, signal) {
      const words = textsFor(locale).doctor.clock;
      const at = await parts.findGraphDate(signal);
      if (at === undefined) return warning(words.notKnown);
      const offMs = Math.abs(now() - at);
      return offMs <= skewMs ? good(words.good) : attention(words.wrong(offMs));
    },
  };
  const store: Check = {
    name: 'store',
    async look({ locale }) {
      const { doctor, card } = textsFor(locale);
      const health = await parts.checkStore().catch(() => undefined);
      if (!health) return attention(doctor.store.broken);
      const days = Math.max(0, daysBetween(health.appliedAt, now()));
      return good(doctor.store.good(health.newestStep, card.daysAgo(days)));
    },
  };
  const audit: Check = {
    name: 'audit',
    look: async ({ locale }) => findingOfAudit(await parts.verifyAudit(), textsFor(locale).doctor.audit),
  };
  const running: Check = {
    name: 'version',
    look: async ({ locale }) => good(textsFor(locale).doctor.version(parts.version)),
  };
  return { first: [registration, inboundKeys, address], last: [clock, store, audit, running] };
}

function findingOfAudit(verdict: AuditVerdict, words: Texts['doctor']['audit']): Finding {
  switch (verdict.kind) {
    case 'intact': {
      const { entries, since, keyRenewedAt } = verdict;
      if (since === undefined) return good(words.none);
      return good(
        keyRenewedAt === undefined ? words.good(entries, since) : words.keyRenewed(entries, since, keyRenewedAt),
      );
    }
    case 'unproven':
      return warning(words.unproven(verdict.unproven.seq, verdict.unproven.at));
    case 'partly':
      if (verdict.unproven) return warning(words.unproven(verdict.unproven.seq, verdict.unproven.at));
      return warning(words.partly(verdict.checked, verdict.entries));
    case 'broken':
      return attention(words.broken(verdict.seq, verdict.at));
  }
}
