import { type ChosenCondition, chosenConditions } from '../domain/alert.ts';
import {
  allOfEvents,
  allWords,
  andWords,
  everyEventWords,
  findEvent,
  forWords,
  isOneOf,
  noWords,
  quietWords,
  splitRun,
  tokenWords,
} from './alert-words.ts';
import type { AlertsAsked, AlertsProblem } from './alerts-asked.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import { readQuiet, readWeekly, readZone, type Setting } from './read-alert-settings.ts';

export type ReadAlertsOn = { readonly asked: AlertsAsked } | { readonly problem: AlertsProblem };

interface Name {
  readonly start: number;
  readonly end: number;
  readonly quote?: string;
}

/**
 * Reads what follows `alerts on`: all or a token's name, conditions, quiet hours with their time zone, the weekly digest; in any
 * order, all of it optional. What is none of these is the token's name. A name that is also such a word is said in quotes or
 * after `vpp`. Total: every text is read, or has its problem told; nothing is guessed.
 */
export function readAlertsOn(text: string): ReadAlertsOn {
  const said = text.replace(/^[\s:：,，]+/u, '');
  const chunks = chunksOf(said, splitRun);
  const events = new Set<ChosenCondition>();
  const names: Name[] = [];
  const settings: Setting[] = [];
  let isAll = false;
  let inName = false;

  for (let at = 0; at < chunks.length; ) {
    const used = takeAt(at);
    if (typeof used !== 'number') return { problem: used };
    at += used;
  }
  return settle();

  /** Takes what begins there and says how many chunks that was. */
  function takeAt(at: number): number | AlertsProblem {
    const chunk = chunks[at];
    if (!chunk) return 1;
    if (chunk.isQuoted) return takeName(chunk);
    if (chunk.word === 'vpp' && !inName) return takeNamed(at);
    const setting = readQuiet(said, chunks, at) ?? readZone(chunks, at) ?? readWeekly(chunks, at);
    if (setting && 'problem' in setting) return setting.problem;
    if (setting) {
      inName = false;
      settings.push(setting);
      return setting.chunks;
    }
    return takeAll(at) ?? takeEvent(chunk) ?? takeFiller(at) ?? takeName(chunk);
  }

  function takeAll(at: number): number | undefined {
    const [word, next] = [chunks[at]?.word, chunks[at + 1]?.word];
    const isEveryEvent = isOneOf(everyEventWords, word);
    if (!isEveryEvent && !isOneOf(allWords, word)) return undefined;
    inName = false;
    if (isEveryEvent || isOneOf(allOfEvents, next)) {
      for (const condition of chosenConditions) events.add(condition);
      return isEveryEvent ? 1 : 2;
    }
    isAll = true;
    return isOneOf(tokenWords, next) ? 2 : 1;
  }

  function takeEvent({ word }: Chunk): number | undefined {
    const event = findEvent(word);
    if (event === undefined) return undefined;
    inName = false;
    events.add(event);
    return 1;
  }

  function takeFiller(at: number): number | undefined {
    const word = chunks[at]?.word;
    const isAnd = isOneOf(andWords, word) && !inName && at > 0;
    const isFor = isOneOf(forWords, word) && names.length === 0 && at + 1 < chunks.length;
    return isAnd || isFor ? 1 : undefined;
  }

  /** `vpp contoso`, `vpp expired`: what follows is a name, but for what means every token and hours to be quiet. */
  function takeNamed(at: number): number {
    const next = chunks[at + 1];
    const isName =
      next && ![...allWords, ...everyEventWords, ...quietWords, ...noWords].some((word) => word === next.word);
    if (!isName) return 1;
    takeName(next);
    return 2;
  }

  function takeName({ start, end, isQuoted, said: quote }: Chunk): number {
    const last = names.at(-1);
    if (last && inName && !isQuoted && last.quote === undefined) names[names.length - 1] = { ...last, end };
    else names.push({ start, end, ...(isQuoted && { quote }) });
    inName = true;
    return 1;
  }

  function settle(): ReadAlertsOn {
    const [name, other] = names.map(({ start, end, quote }) => quote ?? said.slice(start, end));
    if (name !== undefined && other !== undefined) return { problem: { kind: 'twoNames', said: name, other } };
    if (name !== undefined && isAll) return { problem: { kind: 'twoTargets', said: name } };
    return {
      asked: {
        ...(isAll && { target: { kind: 'all' } }),
        ...(name !== undefined && { target: { kind: 'name', name } }),
        ...(events.size > 0 && { events: chosenConditions.filter((condition) => events.has(condition)) }),
        ...Object.assign({}, ...settings.map(({ asked }) => asked)),
      },
    };
  }
}
