import type { UnknownRow } from 'kysely';
import type { z } from 'zod';
import type { SignInPurpose } from '../identity/sign-in-request.ts';
import * as alert from './alert-shapes.ts';
import { payloadOf, pressKind } from './press-shapes.ts';
import type { Database } from './schema.ts';
import {
  conversation,
  graphDate,
  locale,
  monitoringFailure,
  owedAnswer,
  person,
  token,
  wordsOf,
} from './stored-shapes.ts';
import type { SyncRun } from './sync-runs.ts';
import { licensesBefore, licensesCompared, runOutcome, stopped } from './sync-shapes.ts';

/** What a column must hold for its readers. That of a `…_json` column is about what its text says. */
export interface ColumnShape {
  /** Of some columns it depends on the rest of the row. */
  readonly of: (row: UnknownRow) => z.ZodType;
  /** Only a detail: when it cannot be read it is taken for null, and the row is of use all the same. */
  readonly isSpare: boolean;
}

type JsonColumn<Row> = Extract<keyof Row, `${string}_json`>;
type TableOfJson = {
  [Table in keyof Database]: JsonColumn<Database[Table]> extends never ? never : Table;
}[keyof Database];

/** Every `…_json` column, and those whose words readers rely on. */
type RowShapes = {
  readonly [Table in TableOfJson]: Readonly<Record<JsonColumn<Database[Table]>, ColumnShape>> & {
    readonly [Column in keyof Database[Table]]?: ColumnShape;
  };
} & { readonly [Table in keyof Database]?: { readonly [Column in keyof Database[Table]]?: ColumnShape } };

const needed = (shape: z.ZodType): ColumnShape => ({ of: () => shape, isSpare: false });
const spare = (shape: z.ZodType): ColumnShape => ({ of: () => shape, isSpare: true });

export const rowShapes: RowShapes = {
  press_records: {
    kind: needed(pressKind),
    payload_json: { of: ({ kind }) => payloadOf(kind), isSpare: false },
  },
  sign_in_requests: {
    owner_json: needed(person),
    conversation_json: needed(conversation),
    locale: needed(locale),
    purpose: needed(wordsOf<SignInPurpose>({ signIn: true, consent: true, stepUp: true })),
  },
  sync_runs: {
    phase: needed(wordsOf<SyncRun<unknown>['phase']>({ posting: true, running: true, ended: true })),
    requester_json: needed(person),
    conversation_json: needed(conversation),
    locale: needed(locale),
    before_json: needed(token),
    after_json: needed(token),
    outcome: needed(runOutcome),
    licenses_before_json: spare(licensesBefore),
    licenses_json: spare(licensesCompared),
  },
  sync_batches: {
    requester_json: needed(person),
    conversation_json: needed(conversation),
    locale: needed(locale),
    stopped_json: spare(stopped),
  },
  watched_tenants: { failure_json: spare(monitoringFailure) },
  token_snapshots: { token_json: needed(token) },
  alerts: {
    condition: needed(alert.condition),
    stage: { of: ({ condition }) => alert.stageOf(condition), isSpare: false },
    ending: needed(alert.alertEnding),
    state_json: needed(alert.alertState),
  },
  alert_subscriptions: {
    owner_json: needed(person),
    locale: needed(locale),
    covers_json: needed(alert.covers),
    events_json: needed(alert.events),
    // Better told at night than never.
    quiet_json: spare(alert.quietHours),
    time_zone: needed(alert.timeZone),
  },
  alert_deliveries: { body_json: needed(alert.deliveryBody) },
  alert_messages: { why: spare(alert.digestReason) },
  renewal_marks: { expiration: needed(graphDate) },
  conversations: { reference_json: needed(conversation) },
  turns_in_hand: { owed_json: needed(owedAnswer) },
};
