import type { Alerting } from '../alerts/alerting.ts';
import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import type { Check } from '../doctor/finding.ts';
import type { Turn } from '../domain/turn.ts';
import type { Graphs } from '../identity/graphs.ts';
import type { Identity } from '../identity/identity.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Stores } from '../store/stores.ts';
import type { Syncs } from '../sync/syncs.ts';

/** Everything that dialogs, commands and buttons act through, made in src/app.ts. A test may replace any of it with a double. */
export interface Services {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly stores: Stores;
  readonly audit: Audit;
  readonly identity: Pick<Identity, 'sessions' | 'exchange' | 'takeCode' | 'forget'>;
  readonly graphs: Pick<Graphs, 'forPerson' | 'findAuthorized'>;
  readonly syncs: Syncs;
  readonly alerting: Alerting;
  /** Posts a line that only the person of a turn may read into their own chat with the bot. False when that cannot be done within seconds. */
  readonly postPersonally: (turn: Pick<Turn, 'person' | 'conversation' | 'locale'>, text: string) => Promise<boolean>;
  /** The doctor's, in the order in which it reports them. */
  readonly checks: readonly Check[];
}
