import { refuse } from '../cards/refusal.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { guidPattern, resolveToken } from '../domain/resolve-token.ts';
import type { VppToken } from '../domain/token.ts';
import type { Reply } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import type { Choose } from './choose.ts';

interface FindTokenParts {
  readonly choose: Choose;
  readonly beta: boolean;
}

interface Wanted {
  /** English name of the command that goes on with the token. */
  readonly command: string;
  readonly asked: string;
  readonly actionTitle: string;
  /** What follows the name in the command, such as `low`; a choice keeps it. */
  readonly suffix?: string;
}

/**
 * The one token a person means, or the answer that gets them there: which of several, the nearest names, or that there is none.
 * Reads the tenant's tokens as that person, so nobody is offered what they may not see.
 */
export type FindToken = (turn: AuthorizedTurn, wanted: Wanted) => Promise<FoundToken | { reply: Reply }>;

interface FoundToken {
  readonly token: VppToken;
  /** All that the person may see. */
  readonly tokens: readonly VppToken[];
}

export function createFindToken({ choose, beta }: FindTokenParts): FindToken {
  return async (turn, wanted) => {
    const { resolve, errors } = textsFor(turn.locale);
    const tokens = await listVppTokens(turn.graph, { beta });
    if (tokens.length === 0) return { reply: { kind: 'text', text: resolve.noTokens } };
    const resolution = resolveToken(wanted.asked, tokens);
    switch (resolution.kind) {
      case 'one':
        return { token: resolution.token, tokens };
      case 'several':
      case 'near':
        return { reply: await choose.ask(turn, { ...wanted, tokens: resolution.tokens }, resolution.kind) };
      case 'none':
        // From a button, or from a choice made before: people do not type ids.
        if (guidPattern.test(wanted.asked)) return { reply: refuse(turn, errors.graph.notFound) };
        return {
          reply: { kind: 'text', text: `${resolve.none(safeLine(wanted.asked))} ${resolve.noneAndNothingNear}` },
        };
    }
  };
}
