import type { VppToken } from '../graph/vpp-token.ts';
import type { ConversationKind, ConversationReference, Locale } from '../turn.ts';
import type { Alert, AlertEvent, AlertEventKind } from './alert.ts';
import type { DigestReason, Poster } from './wall.ts';

interface Drawn {
  readonly locale: Locale;
  readonly now: number;
  readonly conversationKind: ConversationKind;
}

export interface DigestData extends Drawn {
  readonly why: DigestReason;
  readonly entries: readonly { readonly alert: Alert; readonly event?: AlertEventKind }[];
}

export interface WeeklyData extends Drawn {
  readonly tokens: readonly VppToken[];
  readonly alerts: readonly Alert[];
  readonly syncs: { readonly completed: number; readonly failed: number };
}

/** How alerts look; cards and words are others' business. */
export interface AlertDrawings {
  /** The card of one alert, with what its buttons stand for stored. */
  single(shown: {
    readonly alert: Alert;
    readonly locale: Locale;
    readonly conversation: ConversationReference;
  }): Promise<Poster>;
  digest(data: DigestData): Poster;
  weekly(data: WeeklyData): Poster;
  /** Plain words for a thread: one line for one event, one for several. */
  line(data: { readonly locale: Locale; readonly now: number; readonly events: readonly AlertEvent[] }): string;
}
