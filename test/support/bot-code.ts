// The bot that end-to-end tests run: its sources, or what `npm run build` made of them when the variable says so.
import { fileURLToPath } from 'node:url';
import { builtVariable } from './tier.ts';

const isBuilt = process.env[builtVariable] === 'on';

const load = async <Module>(importSource: () => Promise<Module>, name: string): Promise<Module> =>
  isBuilt ? await import(new URL(`../../dist/${name}.js`, import.meta.url).href) : importSource();

export const { createApp } = await load(() => import('../../src/app.ts'), 'app');
export const { readConfig } = await load(() => import('../../src/config.ts'), 'config');
export const { createRuntime } = await load(() => import('../../src/lib/runtime.ts'), 'runtime');
export const { createLog } = await load(() => import('../../src/telemetry/log.ts'), 'log');

/** What starts the bot in a process of its own, below the project's root. */
export const mainScript = isBuilt ? 'dist/main.js' : 'src/main.ts';
/** What checks a configuration before the bot's start. */
export const preflightScript = isBuilt ? 'dist/preflight.js' : 'scripts/preflight.ts';
export const mainPath = fileURLToPath(new URL(`../../${mainScript}`, import.meta.url));
