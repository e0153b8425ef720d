import { channel } from 'node:diagnostics_channel';
import type { SandboxContext } from './contract.ts';

/** What passes between the bot and a rehearsal tenant; never a token. `context` tells rehearsals of one process apart. */
export type Witnessed = { readonly context: SandboxContext } & (
  | {
      /** A properly signed activity that was posted to the bot. */
      readonly kind: 'inbound';
      readonly personOid: string;
      readonly text?: string;
      readonly verb?: string;
    }
  | {
      /** A request to Graph; `personOid` as in GraphRequest, `scopes` those of the token it came with. */
      readonly kind: 'graph';
      readonly method: string;
      readonly path: string;
      readonly personOid: string;
      readonly scopes: readonly string[];
    }
  | { readonly kind: 'tokenRequest'; readonly grant: string; readonly scope: string }
);

/** Anybody in this process may listen, such as the recorder of the test run. */
export const witnessChannel = channel('vpp-sync.rehearsal');

export const witness = (seen: Witnessed): void => witnessChannel.publish(seen);
