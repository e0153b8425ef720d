import { z } from 'zod';
import type { VppToken } from '../domain/token.ts';
import type { ConversationKind, ConversationReference, Locale, Person } from '../domain/turn.ts';

// Shapes that columns of several tables have. Fields that nobody here knows are let through: a newer version may have written them.

/** Every word of a type: the compiler lets none be left out, so that no reader is kept from what another part has written. */
export const wordsOf = <Word extends string>(all: Readonly<Record<Word, true>>): z.ZodType<Word> =>
  z.enum(Object.keys(all) as Word[]);

/** Epoch milliseconds that a date can be made of. */
export const timeShape = z.number().min(-8.64e15).max(8.64e15);

/** As Graph writes dates. */
export const graphDateShape = z.string().refine((value) => !Number.isNaN(Date.parse(value)));

export const localeShape = wordsOf<Locale>({ en: true, 'zh-CN': true });

export const personShape: z.ZodType<Person> = z.looseObject({
  tenantId: z.string(),
  aadObjectId: z.string(),
  teamsId: z.string(),
  name: z.string(),
});

export const conversationShape: z.ZodType<ConversationReference> = z.looseObject({
  serviceUrl: z.string(),
  id: z.string(),
  kind: wordsOf<ConversationKind>({ personal: true, groupChat: true, channel: true }),
  tenantId: z.string(),
  bot: z.looseObject({ id: z.string(), name: z.string() }),
});

const text = z.string().exactOptional();
const date = graphDateShape.exactOptional();

export const tokenShape: z.ZodType<VppToken> = z.looseObject({
  id: z.string(),
  state: z.string(),
  lastSyncStatus: z.string(),
  displayName: text,
  locationName: text,
  organizationName: text,
  appleId: text,
  countryOrRegion: text,
  vppTokenAccountType: text,
  automaticallyUpdateApps: z.boolean().exactOptional(),
  expirationDateTime: date,
  lastSyncDateTime: date,
  lastModifiedDateTime: date,
});

export const licenseCountsShape = z.looseObject({ used: z.number(), total: z.number() });
