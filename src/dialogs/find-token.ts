import { refuse } from '../cards/refusal.ts';
import { explainKind, tokenNames } from '../cards/token-parts.ts';
import type { TokenSnapshot } from '../domain/alert.ts';
import { kindOf, type OtherKind, otherKinds, readKind } from '../domain/connector.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { guidPattern, resolveToken } from '../domain/resolve-token.ts';
import { visibleTokensOf } from '../domain/subscription.ts';
import type { VppToken } from '../domain/token.ts';
import { conversationRoot, type Locale, type Reply, textReply } from '../domain/turn.ts';
import { connectorsIn, readConnectors } from '../graph/connectors.ts';
import { formats } from '../i18n/formats.ts';
import { textsFor } from '../i18n/texts.ts';
import { joinSentences, safeLine } from '../lib/text.ts';
import type { Choose, Wanted } from './choose.ts';
import { createRecentTokens } from './recent-tokens.ts';
import type { Services } from './services.ts';

/**
 * Finds the one token that a person means. Where there is not exactly one, resolves to the reply: the question which of several,
 * the nearest names, or that there is none. Reads the tenant's tokens as that person, so nobody is offered what they may not see.
 */
export type FindToken = (
  turn: AuthorizedTurn,
  wanted: Wanted,
  options?: FindOptions,
) => Promise<FoundToken | { reply: Reply }>;

export interface FindOptions {
  /** The token may be up to 30 s old. */
  readonly mayBeRecent?: boolean;
  /** For what is no token's name but may mean something else: a reply to it, or undefined to say that there is no such token. */
  readonly otherwise?: (tokens: readonly VppToken[]) => Promise<Reply | undefined>;
}

interface FoundToken {
  readonly token: VppToken;
  /** All tokens that the person may see. */
  readonly tokens: readonly VppToken[];
  /** Epoch milliseconds. */
  readonly readAt: number;
}

export function createFindToken({ config, runtime, stores }: Services, choose: Choose): FindToken {
  /** A connector of another kind than VPP tokens, which the text begins with. */
  async function findOfKind(turn: AuthorizedTurn, wanted: Wanted, kind: OtherKind, name: string) {
    const { connector, errors } = textsFor(turn.locale);
    const readAt = runtime.now();
    const [reading] = await readConnectors(turn.graph, [kind], { beta: config.graphBeta });
    if (!reading) throw new Error(`Connectors of the kind ${kind} were not read`);
    const tokens = connectorsIn([reading]);
    const resolution = resolveToken(name, tokens);
    const offered = resolution.kind === 'none' ? await offerVpp(turn, wanted) : undefined;
    if (offered) return { reply: offered };
    if (tokens.length === 0) return { reply: textReply(explainKind(reading, turn.locale)) };
    switch (resolution.kind) {
      case 'one':
        return { token: resolution.token, tokens, readAt };
      case 'several':
      case 'near':
        return { reply: await choose.ask(turn, wanted, resolution.tokens, resolution.kind) };
      case 'none':
        if (kindOf({ id: name }) !== 'vpp') return { reply: refuse(turn, errors.graph.notFound) };
        return { reply: textReply(connector.noneNamed(connector.kinds[kind], safeLine(name))) };
    }
  }

  /** VPP tokens whose names begin with words of another kind, such as “DEP Berlin”: offered where no connector of that kind is meant. */
  async function offerVpp(turn: AuthorizedTurn, wanted: Wanted): Promise<Reply | undefined> {
    const { tokens } = await recentTokens.read(turn);
    const resolution = resolveToken(wanted.asked, tokens);
    if (resolution.kind === 'none' || resolution.kind === 'near') return undefined;
    return choose.ask(turn, wanted, resolution.kind === 'one' ? [resolution.token] : resolution.tokens, 'near');
  }

  /** A bare name means a VPP token; connectors of other kinds are offered where none has it. */
  async function offerOthers(turn: AuthorizedTurn, wanted: Wanted): Promise<Reply | undefined> {
    const read = await readConnectors(turn.graph, otherKinds, { beta: config.graphBeta });
    const tokens = connectorsIn(read.filter(({ is }) => is === 'read'));
    const resolution = resolveToken(wanted.asked, tokens);
    if (resolution.kind === 'none' || resolution.kind === 'near') return undefined;
    return choose.ask(turn, wanted, resolution.kind === 'one' ? [resolution.token] : resolution.tokens, 'near');
  }

  const recentTokens = createRecentTokens({ changes: stores.changes, beta: config.graphBeta, now: runtime.now });

  return async (turn, wanted, { mayBeRecent = false, otherwise } = {}) => {
    const { resolve, errors } = textsFor(turn.locale);
    const { kind, name } = readKind(wanted.asked);
    if (kind !== 'vpp') return findOfKind(turn, wanted, kind, name);
    const recent = mayBeRecent ? await recentTokens.find(turn) : undefined;
    const known = recent && resolveToken(wanted.asked, recent.tokens);
    if (recent && known?.kind === 'one') return { ...recent, token: known.token };
    const { tokens, readAt } = await recentTokens.read(turn);
    const resolution = resolveToken(wanted.asked, tokens);
    if (resolution.kind === 'one') return { token: resolution.token, tokens, readAt };
    if (resolution.kind === 'several')
      return { reply: await choose.ask(turn, wanted, resolution.tokens, 'several', 0) };
    const deleted = await findDeletedToken(stores, turn, wanted.asked, tokens);
    if (deleted) return { reply: textReply(describeDeleted(deleted, turn.locale)) };
    const other = await otherwise?.(tokens);
    if (other) return { reply: other };
    const offered = await offerOthers(turn, wanted);
    if (offered) return { reply: offered };
    if (tokens.length === 0) return { reply: textReply(resolve.noTokens) };
    switch (resolution.kind) {
      case 'near':
        return { reply: await choose.ask(turn, wanted, resolution.tokens, 'near', 0) };
      case 'none':
        // People do not type ids: the id came from a button or a choice, and its token is gone.
        if (guidPattern.test(wanted.asked)) return { reply: refuse(turn, errors.graph.notFound) };
        return { reply: textReply(joinSentences(resolve.none(safeLine(wanted.asked)), resolve.noneAndNothingNear)) };
    }
  };
}

/**
 * The token of that name or id which Intune does not list any more, the latest that went. Its name is known only to whoever could
 * see it: in a conversation that got its alerts, and to a person who sees every token that is left.
 */
export async function findDeletedToken(
  { snapshots, subscriptions }: Pick<Services['stores'], 'snapshots' | 'subscriptions'>,
  { session, conversation }: Pick<AuthorizedTurn, 'session' | 'conversation'>,
  asked: string,
  tokens: readonly VppToken[],
): Promise<TokenSnapshot | undefined> {
  if (asked.trim() === '') return undefined;
  const { tenantId } = session;
  const visibleIds = new Set(tokens.map(({ id }) => id));
  const isVpp = ({ token }: TokenSnapshot) => kindOf(token) === 'vpp';
  const known = (await snapshots.listOfTenant(tenantId)).filter(isVpp);
  const { listed = [], unlisted = [] } = Object.groupBy(known, ({ missingSince }) =>
    missingSince === undefined ? 'listed' : 'unlisted',
  );
  const gone = [...(await snapshots.listDeleted(tenantId)).filter(isVpp), ...unlisted].filter(
    ({ token }) => !visibleIds.has(token.id),
  );
  const meant = resolveToken(
    asked,
    gone.map(({ token }) => token),
  );
  if (meant.kind === 'none' || meant.kind === 'near') return undefined;
  const seesAll = visibleTokensOf(tokens, listed).extent === 'whole';
  const subscription = await subscriptions.findByConversation(conversationRoot(conversation.id));
  const isCovered = (id: string) =>
    subscription?.tenantId === tenantId &&
    subscription.removedAt === undefined &&
    (subscription.scope === 'all' || subscription.scope.includes(id));
  const ids = new Set((meant.kind === 'one' ? [meant.token] : meant.tokens).map(({ id }) => id));
  return gone
    .filter(({ token: { id } }) => ids.has(id) && (seesAll || isCovered(id)))
    .toSorted((one, other) => (other.missingSince ?? 0) - (one.missingSince ?? 0))[0];
}

/** When the token was deleted, or since when it is not listed while that is not certain. */
export function describeDeleted({ token, missingSince, deletedAt, seenAt }: TokenSnapshot, locale: Locale): string {
  const { resolve } = textsFor(locale);
  const { date, dateTime } = formats[locale];
  const { title } = tokenNames(token, locale);
  const since = missingSince ?? seenAt;
  return deletedAt === undefined ? resolve.missing(title, dateTime(since)) : resolve.deleted(title, date(since));
}
