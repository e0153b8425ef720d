import { z } from 'zod';
import {
  type AlertEnding,
  type AlertEventKind,
  type AlertState,
  chosenConditions,
  conditionStages,
} from '../domain/alert.ts';
import type { DigestReason } from '../domain/alert-repositories.ts';
import type { AlertSubscription, DeliveryBody, QuietHours } from '../domain/subscription.ts';
import { alertDetail, time, token, wordsOf } from './shapes.ts';

export const condition = z.enum(Object.keys(conditionStages));

const stages = new Map<unknown, z.ZodType>(Object.entries(conditionStages).map(([of, ladder]) => [of, z.enum(ladder)]));

/** Each condition has its own. Of one that nobody knows it may be any: the condition itself is what cannot be read. */
export const stageOf = (of: unknown): z.ZodType => stages.get(of) ?? z.unknown();

export const alertEnding = wordsOf<AlertEnding>({ resolved: true, deleted: true, superseded: true });

export const alertState: z.ZodType<AlertState> = z.object({
  suppressedUntil: time.exactOptional(),
  returnedAt: time.exactOptional(),
  acknowledged: z.object({ by: z.string(), at: time }).exactOptional(),
  snoozed: z.object({ by: z.string(), until: time }).exactOptional(),
  token: token.exactOptional(),
  detail: alertDetail,
});

const eventKind = wordsOf<AlertEventKind>({
  ...{ opened: true, escalated: true, reminded: true, returned: true, cameBack: true },
  ...{ resolved: true, deleted: true, superseded: true, changed: true, alreadyOpen: true },
});

export const deliveryBody: z.ZodType<DeliveryBody> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('alert'), alertId: z.string(), event: eventKind }),
  z.object({ kind: z.literal('weekly') }),
]);

export const digestReason = wordsOf<DigestReason>({ alreadyOpen: true, burst: true, morning: true });

export const covers: z.ZodType<AlertSubscription['scope']> = z.union([z.literal('all'), z.array(z.string())]);

export const events: z.ZodType<AlertSubscription['events']> = z.array(z.enum(chosenConditions));

const minuteOfDay = z.int().min(0).max(1439);

export const quietHours: z.ZodType<QuietHours> = z.object({ from: minuteOfDay, to: minuteOfDay });

/** Making a zone's clock is slow, and there are few zones. */
const knownZones = new Set<string>();

export const timeZone = z.string().refine((name) => {
  if (!knownZones.has(name) && isTimeZone(name)) knownZones.add(name);
  return knownZones.has(name);
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
