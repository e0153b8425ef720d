import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Bot } from './bots.ts';
import type { Wording } from './driver.ts';
import { type BotProcess, type DriverProcess, startBot, startDriver } from './processes.ts';
import type { Profile } from './profile.ts';

/** How much is measured. */
export interface Extent {
  /** Turns of `help` with 16 in flight, after the warm-up. */
  readonly turns: number;
  readonly warmUps: number;
  /** 0: neither `status` nor `sync` is measured. */
  readonly statusTurns: number;
  /** Bursts of syncs, after one for warm-up. */
  readonly syncBursts: number;
  readonly oneAtATime: number;
}

/** Figures of one bot in one round, by name. */
export type Figures = Partial<Record<FigureName, number>>;

export const figureNames = [
  'turnsPerS',
  'cpuSPer1000',
  'startMs',
  'rssIdleMb',
  'rssAfterMb',
  'p50Ms',
  'statusCpuSPer1000',
  'syncCpuSPer1000',
] as const;
export type FigureName = (typeof figureNames)[number];

const atOnce = 16;
/** As many as every tenant may start at once: more would wait for the pace at which the bot writes to Graph. */
const syncsPerBurst = 160;
/** By then the syncs of the last burst have ended, and the pace allows another burst. */
const betweenBurstsMs = 6_000;
/** What a start leaves to do is done by then, and idle is idle. */
const settleMs = 500;

/** Files of a run, below one folder that the caller removes. */
export interface Workplace {
  readonly folder: string;
  /** A file with the card that every peer answers. */
  readonly cardFile: string;
}

/** Starts a bot and a driver of its own, measures, and ends both. */
export function measureBot(bot: Bot, extent: Extent, workplace: Workplace): Promise<Figures> {
  return withRunning(bot, workplace, (running) => measure(bot, extent, running));
}

/** A CPU profile of a bot under one command with 16 in flight, after a warm-up. */
export function profileBot(bot: Bot, wording: Wording, workplace: Workplace): Promise<Profile> {
  return withRunning(bot, workplace, async ({ driver, process }) => {
    await driver.order('firstAnswer', { botUrl: process.botUrl });
    if (wording !== 'help') await driver.order('signIn', undefined);
    const turns = wording === 'sync' ? syncsPerBurst : 2_000;
    await driver.order('load', { wording, turns: Math.min(turns, 600), atOnce });
    await wait(betweenBurstsMs);
    await process.startProfile();
    await driver.order('load', { wording, turns, atOnce });
    return process.stopProfile();
  });
}

async function withRunning<T>(
  bot: Bot,
  { folder, cardFile }: Workplace,
  work: (running: Running) => Promise<T>,
): Promise<T> {
  const driver = startDriver();
  let started: BotProcess | undefined;
  try {
    const places = await driver.order('start', undefined);
    const env = bot.envOf({ places, folder: mkdtempSync(join(folder, 'bot-')), cardFile });
    const { path, flags, folder: cwd } = bot;
    started = await startBot({ path, flags, cwd, env });
    return await work({ driver, process: started });
  } finally {
    await started?.stop();
    await driver.stop();
  }
}

interface Running {
  readonly driver: DriverProcess;
  readonly process: BotProcess;
}

async function measure(bot: Bot, extent: Extent, running: Running): Promise<Figures> {
  const { driver, process } = running;
  const answeredAt = await driver.order('firstAnswer', { botUrl: process.botUrl });
  await wait(settleMs);
  const idle = await process.getUsage();
  const load = (wording: Wording, turns: number) => driver.order('load', { wording, turns, atOnce });
  await load('help', extent.warmUps);
  const one = await driver.order('load', { wording: 'help', turns: extent.oneAtATime, atOnce: 1 });
  const before = await process.getUsage();
  const { seconds } = await load('help', extent.turns);
  const after = await process.getUsage();
  const figures: Figures = {
    turnsPerS: extent.turns / seconds,
    cpuSPer1000: (after.cpuMs - before.cpuMs) / extent.turns,
    startMs: answeredAt - process.startedAt,
    rssIdleMb: megabytes(idle.rssBytes),
    rssAfterMb: megabytes(after.rssBytes),
    p50Ms: one.p50Ms,
  };
  if (!bot.hasGraphCommands || extent.statusTurns === 0) return figures;
  return { ...figures, ...(await measureGraphCommands(extent, running)) };
}

async function measureGraphCommands(extent: Extent, { driver, process }: Running): Promise<Figures> {
  await driver.order('signIn', undefined);
  const cpuOf = async (wording: Wording, turns: number) => {
    const before = await process.getUsage();
    await driver.order('load', { wording, turns, atOnce });
    return (await process.getUsage()).cpuMs - before.cpuMs;
  };
  await cpuOf('status', extent.statusTurns / 2);
  const statusCpuMs = await cpuOf('status', extent.statusTurns);

  await cpuOf('sync', syncsPerBurst);
  let syncCpuMs = 0;
  for (let burst = 0; burst < extent.syncBursts; burst += 1) {
    await wait(betweenBurstsMs);
    syncCpuMs += await cpuOf('sync', syncsPerBurst);
  }
  const syncs = (extent.syncBursts + 1) * syncsPerBurst;
  const counted = await driver.order('countSyncs', undefined);
  if (counted !== syncs) throw new Error(`${syncs} syncs were asked for and Graph got ${counted}`);
  return {
    statusCpuSPer1000: statusCpuMs / extent.statusTurns,
    syncCpuSPer1000: syncCpuMs / (extent.syncBursts * syncsPerBurst),
  };
}

const megabytes = (bytes: number) => bytes / 1024 / 1024;
