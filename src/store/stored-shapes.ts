import { z } from 'zod';
import type { AlertDetail, MonitoringFailure } from '../domain/alert.ts';
import type { TokenSnapshot } from '../domain/alert-repositories.ts';
import type { ConversationKind, ConversationReference, Locale, Person } from '../domain/turn.ts';
import type { OwedAnswer } from './turns-in-hand.ts';

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

export const owedAnswer: z.ZodType<OwedAnswer> = z.object({
  ...{ conversation, locale, messageId: text, personId: z.string(), at: time },
});

export const monitoringFailure: z.ZodType<MonitoringFailure> = z.object({
  part: wordsOf<MonitoringFailure['part']>({ tokens: true, licenses: true }),
  reason: z.string(),
  neededScopes: z.array(z.string()).exactOptional(),
  code: text,
});

export const licenseCounts = z.object({ used: z.number(), total: z.number() });

export const alertDetail: z.ZodType<AlertDetail> = z.object({
  apps: z.array(licenseCounts.extend({ name: z.string() })).exactOptional(),
  isApproximate: z.boolean().exactOptional(),
  since: time.exactOptional(),
  failure: monitoringFailure.exactOptional(),
});
