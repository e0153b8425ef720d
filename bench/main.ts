// Measures this bot beside minimal bots on the frameworks that people would pick instead. Loopback only; ends when it has measured.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { helpCard } from '../src/cards/help-card.ts';
import { type Bot, install, isInstalled, ours, oursOnAgents, oursRuns, peer, peerNames, root } from './bots.ts';
import type { Wording } from './driver.ts';
import { type Extent, type Figures, measureBot, profileBot, type Workplace } from './measure.ts';
import { describeProfile } from './profile.ts';
import {
  describeMachine,
  describeResults,
  findCommit,
  findWorse,
  type Ratios,
  type Results,
  ratiosOf,
} from './results.ts';

const usage = `npm run bench -- [options]
  --quick         one short round against the installed ones of botbuilder-restify and agents-hosting-express; fails when a
                  ratio is more than twice as bad as the one kept
  --keep          with --quick: keeps the ratios of this run
  --turns N       turns of "help" in each round (10000)
  --rounds N      rounds (5)
  --profile WORD  no figures: the CPU profile of ours under "help", "status" or "sync"
`;

const resultsFolder = join(root, 'bench', 'results');
const keptFile = join(resultsFolder, 'kept.json');
const wordings: readonly Wording[] = ['help', 'status', 'sync'];
const quickPeers = ['botbuilder-restify', 'agents-hosting-express'] as const;
const quickExtent: Extent = { warmUps: 300, turns: 1_000, oneAtATime: 100, statusTurns: 0, syncBursts: 0 };

const say = (text: string) => process.stdout.write(`${text}\n`);

function readOptions() {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      turns: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '5' },
      profile: { type: 'string' },
    },
  });
  const [turns, rounds] = [Number(values.turns), Number(values.rounds)];
  if (!(turns >= 100 && rounds >= 1) || (values.keep && !values.quick)) throw new Error(usage);
  const profile = wordings.find((wording) => wording === values.profile);
  if (values.profile !== undefined && !profile) throw new Error(usage);
  return { help: values.help, quick: values.quick, keep: values.keep, turns, rounds, profile };
}

/**
 * Round by round through all bots, so that whatever else the machine does falls on all of them. `onRound` gets the results so far
 * after each, so that a run which is ended early has not been for nothing.
 */
async function measureAll(
  bots: readonly Bot[],
  rounds: number,
  extent: Extent,
  workplace: Workplace,
  onRound: (results: Results) => void = () => {},
): Promise<Results> {
  const facts = {
    date: new Date().toISOString(),
    commit: findCommit(),
    machine: describeMachine(),
    ours: oursRuns,
    turns: extent.turns,
  };
  const measured: Record<string, Figures[]> = Object.fromEntries(bots.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const bot of bots) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${bot.name}\n`);
      measured[bot.name]?.push(await measureBot(bot, extent, workplace));
    }
    onRound({ ...facts, rounds: measured });
  }
  return { ...facts, rounds: measured };
}

async function measureQuickly(keep: boolean, workplace: Workplace): Promise<void> {
  const peers = quickPeers.map(peer).filter(isInstalled);
  if (peers.length === 0) throw new Error('no framework is installed to compare with: "npm run bench" installs them');
  const results = await measureAll([ours, ...peers], 1, quickExtent, workplace);
  say(describeResults(results));
  const ratios = ratiosOf(results);
  if (keep) return write(keptFile, ratios);
  const kept: Ratios = existsSync(keptFile) ? JSON.parse(readFileSync(keptFile, 'utf8')) : {};
  const worse = findWorse(ratios, kept);
  for (const sentence of worse) say(sentence);
  if (worse.length > 0) process.exitCode = 1;
}

async function measureFully(turns: number, rounds: number, workplace: Workplace): Promise<void> {
  const peers = peerNames.map(peer);
  for (const missing of peers.filter((each) => !isInstalled(each))) install(missing);
  const extent = { warmUps: 500, turns, oneAtATime: 300, statusTurns: 1_000, syncBursts: 2 };
  const results = await measureAll([ours, oursOnAgents, ...peers], rounds, extent, workplace, (soFar) =>
    write(fileOf(soFar), soFar),
  );
  say(describeResults(results));
  say(`Written to ${fileOf(results)}`);
}

const fileOf = ({ date, commit }: Results) =>
  join(resultsFolder, `${date.slice(0, 10)}-${commit.replace('+', '-changed')}.json`);

function write(file: string, content: unknown): void {
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}

function createWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const cardFile = join(folder, 'card.json');
  writeFileSync(cardFile, JSON.stringify(helpCard({ locale: 'en', conversationKind: 'personal' })));
  return { folder, cardFile };
}

// The bots and the driver end when this process does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

async function run({ help, quick, keep, turns, rounds, profile }: ReturnType<typeof readOptions>): Promise<void> {
  if (help) {
    say(usage);
    return;
  }
  say(`Ours is ${oursRuns}.`);
  const workplace = createWorkplace();
  if (profile) say(describeProfile(await profileBot(ours, profile, workplace)));
  else if (quick) await measureQuickly(keep, workplace);
  else await measureFully(turns, rounds, workplace);
}

try {
  await run(readOptions());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
