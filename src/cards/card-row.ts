import type { untoned } from './tone.ts';

type Line = ReturnType<typeof untoned>;

/** One labelled line of a card. `runs` may hold anything and are never Markdown; `dates` hold our own words and dates alone. */
export interface CardRow {
  readonly label: string;
  readonly runs: readonly Line[];
  readonly dates: readonly Line[];
}

export type { Line };
