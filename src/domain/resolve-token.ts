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
/** Each word is compared with the names of thousands. */
const mostSpread = 4;

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
  const named = listNamed(tokens);
  const asWords = createWordMatch(wanted);
  for (const matches of [(name: string) => name === wanted, (name: string) => name.startsWith(wanted), asWords]) {
    const found = named.filter(({ names }) => names.some(matches));
    if (found.length > 0) return ofMatches(found.map(({ token }) => token));
  }
  const words = wordsOf(wanted);
  const spread = named.filter(({ token, names }) => {
    const parts = [...names, ...regionsOf(token)];
    // Most tokens lack the first word already, and joining what thousands have would take longer than all else.
    return words.every((word) => parts.some((part) => part.includes(word))) && asWords(parts.join(' '));
  });
  if (spread.length > 0) return ofMatches(spread.map(({ token }) => token));
  const near = listNear(named, wanted);
  return near.length > 0 ? { kind: 'near', tokens: near } : { kind: 'none' };
}

interface NamedToken {
  readonly token: VppToken;
  /** Folded. */
  readonly names: readonly string[];
}

/** Lists of tokens are kept for a while, and each name that somebody types is compared with all of theirs. */
const knownNames = new WeakMap<readonly VppToken[], readonly NamedToken[]>();

function listNamed(tokens: readonly VppToken[]): readonly NamedToken[] {
  const named = knownNames.get(tokens) ?? tokens.map((token) => ({ token, names: namesOf(token) }));
  knownNames.set(tokens, named);
  return named;
}

/** The tokens with the fewest typing mistakes, the nearest first: in one of their names, else with the words spread over them. */
function listNear(named: readonly NamedToken[], wanted: string): VppToken[] {
  if (wanted.length < 3 || wanted.length > longestSpelling) return [];
  const near = listNearest(named, tolerance(wanted), createNamesDistance(wanted));
  const words = wordsOf(wanted);
  if (near.length > 0 || words.length < 2 || words.length > mostSpread) return near;
  // Every name is a slip away from a word of two letters.
  const spread = words.map((word) => ({ of: createNamesDistance(word), most: word.length < 3 ? 0 : tolerance(word) }));
  return listNearest(named, tolerance(wanted), (names, most) => {
    let far = 0;
    for (const word of spread) {
      far += word.of(names, Math.min(word.most, most - far));
      if (far > most) break;
    }
    return far;
  });
}

type NamesDistance = (names: readonly string[], most: number) => number;

/** What is further than those found so far need not be compared to its end. */
function listNearest(named: readonly NamedToken[], furthestOfAll: number, distance: NamesDistance): VppToken[] {
  const near: { readonly token: VppToken; readonly far: number }[] = [];
  let most = furthestOfAll;
  for (const { token, names } of named) {
    const far = distance(names, most);
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
export function createWordMatch(wanted: string): (name: string) => boolean {
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

/** Counts typing mistakes between what is wanted and the nearest of several names; infinite beyond `most`. */
function createNamesDistance(wanted: string): NamesDistance {
  const distance = createSpellingDistance(wanted);
  return (names, most) =>
    names.reduce((least, name) => Math.min(least, distance(name, Math.min(most, least - 1))), Infinity);
}

/** Counts typing mistakes between what is wanted and a name, its beginning or one of its words; infinite beyond `most`. */
function createSpellingDistance(wanted: string): (name: string, most: number) => number {
  const letters = lettersOf(wanted);
  const isFar = (part: string, most: number) =>
    part.length < wanted.length - most || countBits(letters & ~lettersOf(part)) > most;
  return (name, most) => {
    // Neither the name nor a part of it comes near.
    if (isFar(name, most)) return Number.POSITIVE_INFINITY;
    let least = countSlips(name, wanted, most);
    const start = name.length > wanted.length ? [name.slice(0, wanted.length)] : [];
    for (const part of [...start, ...wordsOf(name)]) {
      const still = Math.min(most, least - 1);
      if (part !== name && !isFar(part, still)) least = Math.min(least, countSlips(part, wanted, still));
    }
    return least;
  };
}

/**
 * The letters of a text as a set of bits, in which some letters share one: each bit that a name lacks of those wanted is a typing
 * mistake at least, so that most names need not be compared.
 */
function lettersOf(text: string): number {
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) letters |= 1 << (text.charCodeAt(at) & 31);
  return letters;
}

function countBits(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}
