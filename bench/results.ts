import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { root } from './bots.ts';
import { type FigureName, type Figures, figureNames } from './measure.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly platform: string;
  readonly node: string;
  /** Of one minute, before the first round: what else the machine was doing. */
  readonly load: number;
}

export interface Results {
  readonly date: string;
  /** With `+` when files differed from it. */
  readonly commit: string;
  readonly machine: Machine;
  /** The file of ours that was run. */
  readonly ours: string;
  readonly turns: number;
  /** By bot, one entry a round. */
  readonly rounds: Readonly<Record<string, readonly Figures[]>>;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1024 / 1024),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    load: loadavg()[0] ?? 0,
  };
}

export function findCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

/** Ours divided by the peer, of the medians; by peer. */
export type Ratios = Readonly<Record<string, Partial<Record<FigureName, number>>>>;

export function ratiosOf({ rounds }: Results): Ratios {
  const own = medians(rounds.ours ?? []);
  const peers = Object.entries(rounds).filter(([name]) => name !== 'ours');
  return Object.fromEntries(
    peers.map(([name, figures]) => {
      const theirs = medians(figures);
      const ratios = figureNames.flatMap((figure): [FigureName, number][] => {
        const [left, right] = [own[figure], theirs[figure]];
        return left === undefined || right === undefined ? [] : [[figure, rounded(left / right)]];
      });
      return [name, Object.fromEntries(ratios)];
    }),
  );
}

/** Each ratio that is more than twice as bad as the kept one, as a sentence. */
export function findWorse(now: Ratios, kept: Ratios): string[] {
  return Object.entries(now).flatMap(([name, ratios]) =>
    figureNames.flatMap((figure) => {
      const [ratio, before] = [ratios[figure], kept[name]?.[figure]];
      if (ratio === undefined || before === undefined) return [];
      const timesWorse = figure === 'turnsPerS' ? before / ratio : ratio / before;
      return timesWorse > 2 ? [`${figure} against ${name} is ${ratio} times theirs; it was ${before}`] : [];
    }),
  );
}

const columns: readonly (readonly [title: string, figure: FigureName, digits: number])[] = [
  ['turns/s', 'turnsPerS', 0],
  ['CPU s per 1,000', 'cpuSPer1000', 2],
  ['start to first answer, ms', 'startMs', 0],
  ['RSS idle, MiB', 'rssIdleMb', 0],
  ['RSS after, MiB', 'rssAfterMb', 0],
  ['one at a time, p50 ms', 'p50Ms', 1],
];

/** The results as Markdown: medians with the lowest and the highest round, ours against each peer, and ours with Graph. */
export function describeResults(results: Results): string {
  const { rounds, machine, date, commit, turns } = results;
  const count = rounds.ours?.length ?? 0;
  const cell = (figures: readonly Figures[], figure: FigureName, digits: number) => {
    const values = valuesOf(figures, figure);
    if (values.length === 0) return '';
    const show = (value: number | undefined) => (value ?? 0).toFixed(digits);
    const spread = values.length > 1 ? ` (${show(values[0])}–${show(values.at(-1))})` : '';
    return show(median(values)) + spread;
  };
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const heading = (first: string) => [
    row([first, ...columns.map(([title]) => title)]),
    row(['---', ...columns.map(() => '---:')]),
  ];
  const ratios = ratiosOf(results);
  return [
    `${date.slice(0, 16).replace('T', ' ')} UTC, ${commit}, ${results.ours}, Node ${machine.node}, ${machine.cpu}, ${machine.cores} cores, ` +
      `load ${machine.load.toFixed(1)} before; ${count === 1 ? 'one round' : `medians of ${count} rounds (lowest–highest)`}, ${turns} turns, 16 in flight`,
    '',
    ...heading('bot'),
    ...Object.entries(rounds).map(([name, figures]) =>
      row([name, ...columns.map(([, figure, digits]) => cell(figures, figure, digits))]),
    ),
    '',
    ...heading('ours against'),
    ...Object.entries(ratios).map(([name, of]) =>
      row([name, ...columns.map(([, figure]) => (of[figure] === undefined ? '' : `${of[figure]?.toFixed(2)}×`))]),
    ),
    '',
    ...describeCommands(rounds.ours ?? []),
  ].join('\n');
}

function describeCommands(own: readonly Figures[]): string[] {
  const { cpuSPer1000: help, statusCpuSPer1000: status, syncCpuSPer1000: sync } = medians(own);
  if (help === undefined || status === undefined || sync === undefined) return [];
  const line = (name: string, cpuS: number) => `| ${name} | ${cpuS.toFixed(2)} | ${(cpuS / help).toFixed(2)}× |`;
  return [
    '| ours, warm | CPU s per 1,000 | of help |',
    '| --- | ---: | ---: |',
    line('help', help),
    line('status', status),
    line('sync, to its first card', sync),
    '',
  ];
}

const rounded = (value: number) => Number(value.toFixed(3));

const valuesOf = (figures: readonly Figures[], figure: FigureName) =>
  figures.flatMap((each) => each[figure] ?? []).toSorted((a, b) => a - b);

/** Of sorted values. */
function median(values: readonly number[]): number | undefined {
  const [low, high] = [values[Math.floor((values.length - 1) / 2)], values[Math.ceil((values.length - 1) / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function medians(figures: readonly Figures[]): Figures {
  return Object.fromEntries(
    figureNames.flatMap((figure) => {
      const value = median(valuesOf(figures, figure));
      return value === undefined ? [] : [[figure, value]];
    }),
  );
}
