import { refuse } from '../cards/refusal.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { guidPattern, resolveToken } from '../domain/resolve-token.ts';
import type { VppToken } from '../domain/token.ts';
import type { Reply } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import type { Choose, Wanted } from './choose.ts';
import type { Services } from './services.ts';

/**
 * Finds the one token that a person means. Where there is not exactly one, resolves to the reply: the question which of several,
 * the nearest names, or that there is none. Reads the tenant's tokens as that person, so nobody is offered what they may not see.
 */
export type FindToken = (turn: AuthorizedTurn, wanted: Wanted) => Promise<FoundToken | { reply: Reply }>;

interface FoundToken {
  readonly token: VppToken;
  /** All tokens that the person may see. */
  readonly tokens: readonly VppToken[];
}

export function createFindToken({ config }: Services, choose: Choose): FindToken {
  return async (turn, wanted) => {
    const { resolve, errors } = textsFor(turn.locale);
    const tokens = await listVppTokens(turn.graph, { beta: config.graphBeta });
    if (tokens.length === 0) return { reply: { kind: 'text', text: resolve.noTokens } };
    const resolution = resolveToken(wanted.asked, tokens);
    switch (resolution.kind) {
      case 'one':
        return { token: resolution.token, tokens };
      case 'several':
      case 'near':
        return { reply: await choose.ask(turn, wanted, resolution.tokens, resolution.kind) };
      case 'none':
        // People do not type ids: the id came from a button or a choice, and its token is gone.
        if (guidPattern.test(wanted.asked)) return { reply: refuse(turn, errors.graph.notFound) };
        return {
          reply: { kind: 'text', text: `${resolve.none(safeLine(wanted.asked))} ${resolve.noneAndNothingNear}` },
        };
    }
  };
}
