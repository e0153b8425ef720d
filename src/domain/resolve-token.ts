import { isSameId } from '../lib/ids.ts';
import { countSlips, foldName, wordsOf } from '../lib/text.ts';
import type { VppToken } from './token.ts';

export const guidPattern = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

type Resolution =
  | { readonly kind: 'one'; readonly token: VppToken }
  /** Several match equally well: the person must say which. */
  | { readonly kind: 'several'; readonly tokens: readonly VppToken[] }
  /** None matches; these are spelled alike and may only be offered. */
  | { readonly kind: 'near'; readonly tokens: readonly VppToken[] }
  | { readonly kind: 'none' };

const mostNear = 5;

/**
 * Finds the token a person means. In this order: an exact id or its first 8 characters or more, then an exact, prefix, word and
 * close-spelling match of displayName, locationName, organizationName, appleId; before the last, words spread over these and the
 * country. The first step that matches anything decides.
 * An empty name matches every token.
 */
export function resolveToken(asked: string, tokens: readonly VppToken[]): Resolution {
  const byId = tokens.find((token) => isSameId(token.id, asked.trim()));
  if (byId) return { kind: 'one', token: byId };
  const ofId = /^[\da-f]{8}[\da-f-]*$/i.test(asked.trim()) ? tokens.filter(({ id }) => beginsWithId(id, asked)) : [];
  if (ofId.length > 0) return ofMatches(ofId);
  const wanted = foldName(asked);
  if (wanted === '') return ofMatches(tokens);
  const named = tokens.map((token) => ({ token, names: namesOf(token) }));
  const asWords = createWordMatch(wanted);
  for (const matches of [(name: string) => name === wanted, (name: string) => name.startsWith(wanted), asWords]) {
    const found = named.filter(({ names }) => names.some(matches));
    if (found.length > 0) return ofMatches(found.map(({ token }) => token));
  }
  const spread = named.filter(({ token, names }) => asWords([...names, ...regionsOf(token)].join(' ')));
  if (spread.length > 0) return ofMatches(spread.map(({ token }) => token));
  const near = listNear(named, wanted);
  return near.length > 0 ? { kind: 'near', tokens: near } : { kind: 'none' };
}

interface NamedToken {
  readonly token: VppToken;
  readonly names: readonly string[];
}

/** The tokens with the fewest typing mistakes, the nearest first. What is further than those found so far need not be compared to its end. */
function listNear(named: readonly NamedToken[], wanted: string): VppToken[] {
  if (wanted.length < 3 || wanted.length > longestSpelling) return [];
  const near: { readonly token: VppToken; readonly far: number }[] = [];
  let most = tolerance(wanted);
  for (const { token, names } of named) {
    const far = Math.min(...names.map((name) => spellingDistance(name, wanted, most)));
    if (!Number.isFinite(far)) continue;
    near.push({ token, far });
    near.sort((a, b) => a.far - b.far);
    if (near.length > mostNear) near.pop();
    const furthest = near[mostNear - 1];
    if (furthest) most = furthest.far - 1;
  }
  return near.map(({ token }) => token);
}

/** All tokens that a name matches or comes near to. */
export function listMatches(tokens: readonly VppToken[], asked: string): readonly VppToken[] {
  const resolution = resolveToken(asked, tokens);
  if (resolution.kind === 'none') return [];
  return resolution.kind === 'one' ? [resolution.token] : resolution.tokens;
}

function ofMatches(tokens: readonly VppToken[]): Resolution {
  const [first, ...others] = tokens;
  if (!first) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', token: first } : { kind: 'several', tokens };
}

const namesOf = ({ displayName, locationName, organizationName, appleId }: VppToken): string[] =>
  [displayName, locationName, organizationName, appleId]
    .map((name) => foldName(name ?? ''))
    .filter((name) => name !== '');

const beginsWithId = (id: string, asked: string) => id.toLowerCase().startsWith(asked.trim().toLowerCase());

const regionNames = ['en', 'zh-CN'].map((locale) => new Intl.DisplayNames(locale, { type: 'region' }));

/** By country code, of which there are few hundred. */
const knownRegions = new Map<string, readonly string[]>();

/** A country as its code and as cards call it. */
function regionsOf({ countryOrRegion = '' }: VppToken): readonly string[] {
  if (!/^[a-z]{2}$/i.test(countryOrRegion)) return [foldName(countryOrRegion)];
  const code = countryOrRegion.toUpperCase();
  const regions =
    knownRegions.get(code) ?? [code, ...regionNames.map((names) => names.of(code) ?? '')].map((name) => foldName(name));
  knownRegions.set(code, regions);
  return regions;
}

/** Scripts that put no spaces between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** True for a name that has every wanted word as a whole word; unspaced scripts match anywhere. */
function createWordMatch(wanted: string): (name: string) => boolean {
  const asked = wordsOf(wanted);
  return (name) => {
    if (asked.length === 0 || !asked.every((word) => name.includes(word))) return false;
    const words = new Set(wordsOf(name));
    return asked.every((word) => words.has(word) || unspaced.test(word));
  };
}

/** Typing mistakes allowed: one in a short word, two from five letters on, then one for every four. */
const tolerance = (wanted: string) => (wanted.length < 5 ? 1 : Math.max(2, Math.floor(wanted.length / 4)));

/** Longer lines are no misspelled name, and comparing them with thousands of names would take long. */
const longestSpelling = 100;

/** Typing mistakes between what is wanted and the name, its beginning or one of its words; infinite beyond `most`. */
function spellingDistance(name: string, wanted: string, most: number): number {
  // Neither it nor a part of it is long enough.
  if (name.length < wanted.length - most) return Number.POSITIVE_INFINITY;
  const start = name.length > wanted.length ? [name.slice(0, wanted.length)] : [];
  const parts = [name, ...start, ...wordsOf(name)];
  return Math.min(...parts.map((part) => countSlips(part, wanted, most)));
}
