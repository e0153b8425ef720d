import { z } from 'zod';
import type { AlertDetail, MonitoringFailure, TokenSnapshot } from '../domain/alert.ts';
import type { AlertCardRecord, CardRecord, Choice, PlanRecord, TokenCardRecord } from '../domain/card-record.ts';
import type { LicensesBefore, LicensesCompared, Uncompared } from '../domain/licenses.ts';
import type { Stopped, SyncOutcome } from '../domain/sync-run.ts';
import type { ConversationKind, ConversationReference, Locale, PendingReply, Person } from '../domain/turn.ts';

// What several columns hold. Fields that nobody here knows are let through: a newer version may have written them.

/** Epoch milliseconds that a date can be made of. */
export const time = z.number().min(-8.64e15).max(8.64e15);

/** Every word of a type: the compiler lets none be left out, so that no reader is kept from what another part has written. */
export const wordsOf = <Word extends string>(all: Readonly<Record<Word, true>>): z.ZodType<Word> =>
  z.enum(Object.keys(all) as Word[]);

export const locale = wordsOf<Locale>({ en: true, 'zh-CN': true });

export const person: z.ZodType<Person> = z.object({
  tenantId: z.string(),
  aadObjectId: z.string(),
  teamsId: z.string(),
  name: z.string(),
});

export const conversation: z.ZodType<ConversationReference> = z.object({
  serviceUrl: z.string(),
  id: z.string(),
  kind: wordsOf<ConversationKind>({ personal: true, groupChat: true, channel: true }),
  tenantId: z.string(),
  bot: z.object({ id: z.string(), name: z.string() }),
});

/** As Graph writes dates. */
export const graphDate = z.string().refine((value) => !Number.isNaN(Date.parse(value)));

const text = z.string().exactOptional();
const date = graphDate.exactOptional();

export const token: z.ZodType<TokenSnapshot['token']> = z.object({
  id: z.string(),
  state: z.string(),
  lastSyncStatus: z.string(),
  ...{ displayName: text, locationName: text, organizationName: text, appleId: text, countryOrRegion: text },
  ...{ vppTokenAccountType: text, automaticallyUpdateApps: z.boolean().exactOptional() },
  ...{ expirationDateTime: date, lastSyncDateTime: date, lastModifiedDateTime: date },
});

export const owedAnswer: z.ZodType<PendingReply> = z.object({
  ...{ conversation, locale, messageId: text, personId: z.string(), at: time },
});

export const monitoringFailure: z.ZodType<MonitoringFailure> = z.object({
  part: wordsOf<MonitoringFailure['part']>({ tokens: true, licenses: true }),
  reason: z.string(),
  neededScopes: z.array(z.string()).exactOptional(),
  code: text,
});

const licenseCounts = z.object({ used: z.number(), total: z.number() });

export const alertDetail: z.ZodType<AlertDetail> = z.object({
  apps: z.array(licenseCounts.extend({ name: z.string() })).exactOptional(),
  isApproximate: z.boolean().exactOptional(),
  since: time.exactOptional(),
  failure: monitoringFailure.exactOptional(),
});

/** How a run may have ended: `refused` ones never began. */
export const runOutcome = wordsOf<SyncOutcome | 'refused'>({
  ...{ completed: true, failed: true, stuck: true, noResult: true, deleted: true },
  ...{ notStarted: true, lost: true, refused: true, refusedLate: true },
});

const uncompared = wordsOf<Uncompared>({
  ...{ forbidden: true, missingScope: true, slow: true, unavailable: true, noAccount: true },
  ...{ ambiguous: true, joined: true, signInEnded: true, stopped: true },
});

const app = { id: z.string(), name: z.string() };

export const licensesBefore: z.ZodType<LicensesBefore> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('read'), exact: z.boolean(), apps: z.array(licenseCounts.extend(app)) }),
  z.object({ kind: z.literal('unread'), why: uncompared }),
]);

const appChange = z.object({
  ...{ ...app, what: z.literal('app') },
  before: licenseCounts.exactOptional(),
  after: licenseCounts.exactOptional(),
});

export const licensesCompared: z.ZodType<LicensesCompared> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('compared'), approximate: z.boolean(), apps: z.array(appChange) }),
  z.object({ kind: z.literal('notCompared'), why: uncompared.exactOptional() }),
]);

export const stopped: z.ZodType<Stopped> = z.discriminatedUnion('reason', [
  z.object({ reason: z.enum(['restarted', 'tokenRejected', 'claimsChallenge']) }),
  z.object({ reason: z.literal('missingScope'), scopes: z.array(z.string()) }),
]);

/** What the buttons of each kind of card stand for. */
interface Payloads {
  readonly tokenCard: TokenCardRecord;
  readonly choice: Choice;
  readonly plan: PlanRecord;
  readonly alert: AlertCardRecord;
}

const payloads: { readonly [Kind in CardRecord['kind']]: z.ZodType<Payloads[Kind]> } = {
  tokenCard: z.object({ tokenId: z.string(), runId: z.string().exactOptional() }),
  choice: z.object({
    ...{ command: z.string(), asked: z.string(), actionTitle: z.string(), suffix: z.string().exactOptional() },
    tokens: z.array(token),
  }),
  plan: z.object({ tokens: z.array(z.object({ id: z.string(), name: z.string() })) }),
  alert: z.object({ alertId: z.string(), tokenId: z.string() }),
};

export const pressKind = z.enum(Object.keys(payloads));

/** Of a kind that nobody knows it may be anything: the kind itself is what cannot be read. */
export const payloadOf = (kind: unknown): z.ZodType => payloads[kind as CardRecord['kind']] ?? z.unknown();
