import { choiceCard, summaryOfChoiceCard } from '../cards/choice-card.ts';
import { findPage, rowsOfPage, rowsPerPage } from '../cards/paging.ts';
import { tokenChoices, tokenNames } from '../cards/token-parts.ts';
import type { CardRecord, Choice, NamedToken } from '../domain/card-record.ts';
import { kindOf, readKind } from '../domain/connector.ts';
import { guidPattern, listMatches, resolveToken } from '../domain/resolve-token.ts';
import type { VppToken } from '../domain/token.ts';
import { isTargeted, type Reply, type Turn } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { foldName, wordsOf } from '../lib/text.ts';
import { minuteMs } from '../lib/time.ts';
import type { Services } from './services.ts';

/** The name that was asked for and the command that goes on once a token is chosen. */
export type Wanted = Omit<Choice, 'tokens' | 'from'>;

export const choiceExpiresMs = 5 * minuteMs;
/** Enough to narrow thousands of tokens to one; further names only repeat. */
const mostNarrowings = 5;

export interface Choose {
  /**
   * Asks the person of the turn which of these tokens they mean; nobody else's answer counts. With a `page`, counted from 0, the tokens
   * are those of the tenant that the name means: they can be read anew, so that the card has pages and a field to search them.
   */
  ask(turn: Turn, wanted: Wanted, tokens: readonly VppToken[], kind: 'several' | 'near', page?: number): Promise<Reply>;
  /** The person's open question in this conversation. */
  findOpen(turn: Turn): Promise<CardRecord | undefined>;
  /** Ends the person's questions and plans in this conversation. */
  cancel(turn: Turn): Promise<void>;
}

export function createChoose({ stores, runtime }: Services): Choose {
  const { records } = stores;
  const { now } = runtime;

  return {
    async ask(turn, wanted, tokens, kind, asked) {
      const createdAt = now();
      const page = findPage(tokens.length, asked ?? 0);
      const shown = rowsOfPage(tokens, page);
      const from = page * rowsPerPage;
      const id = newOpaqueId();
      const named = shown.map((token) => ({ id: token.id, name: tokenNames(token, turn.locale).title }));
      await records.add({
        id,
        kind: 'choice',
        ownerId: turn.person.aadObjectId,
        conversationId: turn.conversation.id,
        isTargeted: isTargeted(turn.conversation),
        payload: { ...wanted, ...(from > 0 && { from }), tokens: named } satisfies Choice,
        createdAt,
        expiresAt: createdAt + choiceExpiresMs,
      });
      const data = {
        locale: turn.locale,
        asked: wanted.asked,
        found: kind === 'several' ? ('matches' as const) : ('near' as const),
        verb: `${wanted.command}/choose`,
        actionTitle: wanted.actionTitle,
        recordId: id,
        choices: tokenChoices(shown, turn, createdAt),
        total: tokens.length,
        page,
        isSearchable: asked !== undefined,
      };
      return { kind: 'card', card: choiceCard(data), summary: summaryOfChoiceCard(data), recordId: id };
    },
    findOpen: ({ person, conversation }) => records.findOpenChoice(person.aadObjectId, conversation.id, now()),
    cancel: (turn) => records.cancelDialogs(turn.person.aadObjectId, turn.conversation.id, now()),
  };
}

/** The token that a line names by its number on the card, such as `2`, `#2` or `2.`; `outside` for a number of no choice. */
export function findNumbered({ tokens, from = 0 }: Choice, line: string): NamedToken | 'outside' | undefined {
  const number = /^#?(\d{1,4})[.)]?$/.exec(line)?.[1];
  return number === undefined ? undefined : (tokens[Number(number) - 1 - from] ?? 'outside');
}

/** A short word such as "so" or "ok", said in passing, must not choose the token of a write. */
export function mayBeName(line: string): boolean {
  const name = foldName(line);
  return name.length >= 3 || (name.length === 2 && /\p{Script=Han}/u.test(name));
}

/** The tokens that a question is about, shown or not. */
export function listAsked(
  { within = [], asked, tokens: shown }: Choice,
  tokens: readonly VppToken[],
): readonly VppToken[] {
  const kinds = new Set(shown.map(kindOf));
  const ofKind = tokens.filter((token) => kinds.has(kindOf(token)));
  return [...within, asked].map((each) => readKind(each).name).reduce(listMatches, ofKind);
}

/** True where a question asks for a connector that is no VPP token. */
export const asksForOthers = ({ tokens }: Choice): boolean => tokens.some((token) => kindOf(token) !== 'vpp');

/**
 * Those of the tokens that the question was about, shown or not, which more of their name, or anything else that the card shows
 * of them, means. `tokens` are all that the person may see now; `askedAt` is when the card was drawn, in epoch milliseconds.
 */
export function listMeant(
  turn: Turn,
  { choice, askedAt }: { readonly choice: Choice; readonly askedAt: number },
  line: string,
  tokens: readonly VppToken[],
): readonly VppToken[] {
  const asked = listAsked(choice, tokens);
  const named = resolveToken(line, asked);
  if (named.kind === 'one') return [named.token];
  if (named.kind === 'several') return named.tokens;
  const shown = choice.tokens.flatMap(({ id }) => tokens.filter((token) => token.id === id));
  const lines = tokenChoices(shown, turn, askedAt).map(({ title, detail }) => wordsOf(foldName(`${title} ${detail}`)));
  const typed = wordsOf(foldName(line));
  return typed.length === 0 ? [] : shown.filter((_, index) => typed.every((word) => lines[index]?.includes(word)));
}

/** Those of a question's tokens whose name on the card a line means. */
export function listNamed(line: string, tokens: readonly NamedToken[]): readonly NamedToken[] {
  const named = tokens.map(({ id, name }) => ({ id, displayName: name, state: '', lastSyncStatus: '' }));
  const found = resolveToken(line, named);
  const meant = found.kind === 'one' ? [found.token] : found.kind === 'several' ? found.tokens : [];
  return tokens.filter(({ id }) => meant.some((token) => token.id === id));
}

/** The question that is left once a line narrowed it to several tokens. */
export function narrowed({ tokens: _, from: __, ...wanted }: Choice, line: string): Wanted {
  const within = [...(wanted.within ?? []), wanted.asked].slice(-mostNarrowings);
  return { ...wanted, asked: line, within };
}

/**
 * The token that the card's input names: by its 1-based number among those shown, or by its id, as a search found it. Whoever presses
 * must still be able to see it: the command resolves the id anew.
 */
export function findChosen(
  choice: Choice,
  inputs: Readonly<Record<string, unknown>>,
): (Pick<NamedToken, 'id'> & Partial<NamedToken>) | undefined {
  const { choice: value } = inputs;
  if (typeof value !== 'string') return undefined;
  if (guidPattern.test(value)) return { id: value };
  return /^\d{1,2}$/.test(value) ? choice.tokens[Number(value) - 1] : undefined;
}

/** The rest of the command's line once the token is chosen. */
export const restFor = ({ suffix }: Choice, { id }: Pick<VppToken, 'id'>): string => (suffix ? `${id} ${suffix}` : id);
