// Prints what a turn costs through this bot and through the bare frameworks, side by side in one run, as ratios.
// Loopback only; a fixed number of turns; ends by itself. Numbers depend on the machine, ratios much less.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Measured } from './measured.ts';

const rounds = 5;
const subjects = ['own-bot', 'bare-frameworks'] as const;
type Subject = (typeof subjects)[number];

async function measure(subject: Subject): Promise<Measured> {
  const child = fork(new URL(`./${subject}.ts`, import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [measured] = (await once(child, 'message')) as [Measured];
  child.kill();
  return measured;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const results: Record<Subject, Measured[]> = { 'own-bot': [], 'bare-frameworks': [] };
for (let round = 0; round < rounds; round += 1) {
  // Alternating, so that whatever else the machine does falls on both.
  for (const subject of round % 2 === 0 ? subjects : subjects.toReversed())
    results[subject].push(await measure(subject));
}

const row = (name: string, of: (measured: Measured) => number, unit: string) => {
  const [own, bare] = subjects.map((subject) => median(results[subject].map(of)));
  const ratio = (own ?? 0) / (bare ?? 1);
  return `${name.padEnd(34)} ${(own ?? 0).toFixed(2).padStart(9)} ${(bare ?? 0).toFixed(2).padStart(9)} ${unit.padEnd(3)} ${ratio.toFixed(2).padStart(6)}`;
};
process.stdout.write(
  [
    `medians of ${rounds} processes each          this bot      bare      ratio`,
    row('start until listening', ({ startMs }) => startMs, 'ms'),
    row('one "help" turn, one after another', ({ turnMs }) => turnMs, 'ms'),
    row('one "help" turn, 20 at once', ({ crowdedTurnMs }) => crowdedTurnMs, 'ms'),
    row('memory after the turns (RSS)', ({ rssMb }) => rssMb, 'MB'),
    '',
  ].join('\n'),
);
