import { choiceTitle } from '../cards/choice-card.ts';
import { cardLimits } from '../cards/render.ts';
import { tokenChoices } from '../cards/token-parts.ts';
import type { CardRecord, Choice } from '../domain/card-record.ts';
import { listMatches } from '../domain/resolve-token.ts';
import type { VppToken } from '../domain/token.ts';
import { conversationRoot, type Turn } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { actorKey } from '../identity/sessions.ts';
import { createBoundedMap } from '../lib/limits.ts';
import { foldName, wordsOf } from '../lib/text.ts';
import { listAsked } from './choose.ts';
import type { Services } from './services.ts';

/** Letters that somebody types into the field of a question. */
export interface Search {
  /** The id of the question's record. */
  readonly id: string;
  readonly text: string;
}

/** A choice that a client offers below the field. */
export interface Found {
  readonly title: string;
  /** Comes back as the input `choice`. */
  readonly value: string;
}

/** A search comes with every letter, and reading thousands of tokens takes Graph seconds. */
const keptMs = 30_000;
/** Whole tenants, so few of them are kept. */
const mostKept = 10;
/** Longer texts are no name. */
const longestText = 100;

/**
 * Finds the tokens of a question that a text means, for the person who types and with their own session: nothing without one, for
 * somebody else's question, and for one that is over. Choosing one resolves it anew. Never rejects.
 */
export function createSearch({ config, stores, identity, graphs, runtime }: Services) {
  const { now, log } = runtime;
  const kept = createBoundedMap<{ readonly at: number; readonly tokens: Promise<readonly VppToken[]> }>(mostKept);

  /** Reads once for all letters of a word. What one person may see is never shown to another. */
  function readTokens({ person }: Turn, id: string, read: () => Promise<readonly VppToken[]>) {
    const key = `${actorKey(person)} ${id}`;
    const known = kept.get(key);
    if (known && now() - known.at < keptMs) return known.tokens;
    const tokens = read();
    kept.set(key, { at: now(), tokens });
    tokens.catch(() => kept.delete(key));
    return tokens;
  }

  return async (turn: Turn, { id, text }: Search): Promise<readonly Found[]> => {
    try {
      const session = identity.sessions.find(turn.person);
      const record = session && (await stores.records.find(id));
      if (!session || !record || !isOpenQuestion(record, turn, now())) return [];
      const graph = graphs.forPerson(turn.person, session);
      const tokens = await readTokens(turn, id, () => listVppTokens(graph, { beta: config.graphBeta }));
      return listFound(turn, record, text.slice(0, longestText), tokens);
    } catch (error) {
      log.info({ err: error, correlationId: turn.correlationId }, 'tokens could not be searched');
      return [];
    }
  };
}

const isOpenQuestion = (record: CardRecord, { person, conversation }: Turn, now: number): boolean =>
  record.kind === 'choice' &&
  record.ownerId === person.aadObjectId &&
  conversationRoot(record.conversationId) === conversationRoot(conversation.id) &&
  record.usedAt === undefined &&
  record.expiresAt > now;

function listFound(turn: Turn, record: CardRecord, text: string, tokens: readonly VppToken[]): Found[] {
  const choice = record.payload as Choice;
  const asked = listAsked(choice, tokens);
  const typed = wordsOf(foldName(text));
  const named = asked.filter((token) => hasAll(token, typed));
  const meant = (named.length > 0 ? named : listMatches(asked, text)).slice(0, cardLimits.choices);
  return tokenChoices(meant, turn, record.createdAt).map(({ title, detail }, index) => {
    const tokenId = meant[index]?.id ?? '';
    const number = choice.tokens.findIndex((shown) => shown.id === tokenId) + 1;
    // A token that the card shows reads and is chosen as there, so that a client can offer it once.
    return number === 0
      ? { title: choiceTitle(title, detail), value: tokenId }
      : { title: choiceTitle(title, detail, (choice.from ?? 0) + number), value: String(number) };
  });
}

/** True when each word is somewhere in the token's names: people type beginnings. */
function hasAll(token: VppToken, words: readonly string[]): boolean {
  const { displayName, locationName, organizationName, appleId, countryOrRegion } = token;
  const line = foldName([displayName, locationName, organizationName, appleId, countryOrRegion].join(' '));
  return words.every((word) => line.includes(word));
}
