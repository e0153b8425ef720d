import { z } from 'zod';
import type { AlertPress } from '../alerts/alert-views.ts';
import type { Choice } from '../dialogs/choose.ts';
import type { PlanPress } from '../sync/plan-view.ts';
import type { TokenPress } from '../sync/token-view.ts';
import type { PressRecord } from './press-records.ts';
import { token } from './stored-shapes.ts';

/** What the buttons of each kind of card stand for. */
interface Payloads {
  readonly tokenCard: TokenPress;
  readonly choice: Choice;
  readonly plan: PlanPress;
  readonly alert: AlertPress;
}

const payloads: { readonly [Kind in PressRecord['kind']]: z.ZodType<Payloads[Kind]> } = {
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
export const payloadOf = (kind: unknown): z.ZodType => payloads[kind as PressRecord['kind']] ?? z.unknown();
