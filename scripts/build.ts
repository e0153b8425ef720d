// Makes dist/: the bot as one file and chunks that are loaded on demand, its cards and texts inside, and its compiled code beside it.
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { startBotProcess } from '../sandbox/bot-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { findOAuthCard } from '../sandbox/teams/sign-in.ts';
import * as packageFiles from '../src/lib/package-files.ts';
import { leaveOut } from './left-out.ts';
import { hashSources } from './source-hash.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = `${root}dist/`;
const answerWithinMs = 30_000;

/** The bundle reads no file of the package. */
const inlineFiles: Plugin = {
  name: 'inline-files',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]lib[\\/]package-files\.ts$/ }, () => ({
      contents: Object.entries(packageFiles)
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
        .join('\n'),
      loader: 'js',
    }));
  },
};

/** Resolves to the paths that were left out. */
async function bundle(): Promise<readonly string[]> {
  const found = new Set<string>();
  await build({
    absWorkingDir: root,
    // All but `bot` and `preflight` are for the end-to-end tests, which run what is shipped with clocks of their own.
    entryPoints: {
      bot: 'src/main.ts',
      preflight: 'scripts/preflight.ts',
      app: 'src/app.ts',
      config: 'src/config.ts',
      runtime: 'src/lib/runtime.ts',
      log: 'src/telemetry/log.ts',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    // restify tries to load the first, and does without; the others are installed by whoever chooses TEAMS_HOST agents.
    external: ['dtrace-provider', '@microsoft/agents-*'],
    // Lines and names stay, so that a stack trace can be read without the map.
    minifySyntax: true,
    // Libraries in CommonJS require Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [leaveOut(found), inlineFiles],
  });
  return [...found].sort();
}

/** `portable`: the folder may be built in one place and run in another. */
const starter = `import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
enableCompileCache({ directory: fileURLToPath(new URL('compiled', import.meta.url)), portable: true });
await import('./bot.js');
`;

/** Node keeps the compiled code of all that ran when a process ends, so the bundle answers a few messages of a rehearsal tenant once. */
async function compile(): Promise<void> {
  const sandbox = await startSandbox();
  const lines: string[] = [];
  const env = sandbox.env({ NODE_ENV: 'production', MONITOR: 'off' });
  const listening = Promise.withResolvers<string>();
  const bot = startBotProcess({
    path: `${folder}main.js`,
    env,
    onLine(line) {
      lines.push(line);
      const port = /"port":(\d+).*"msg":"listening"/.exec(line)?.[1];
      if (port) listening.resolve(`http://127.0.0.1:${port}`);
    },
  });
  try {
    const ended = bot.ended.then((how) => Promise.reject(new Error(`the bundle ${how}`)));
    sandbox.connectBot(await Promise.race([listening.promise, ended]));
    const { client } = sandbox;
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    for (const words of ['help', 'status vpp adatum', 'list vpp', 'sync vpp adatum']) {
      const before = client.messages(chat).length;
      await client.say(ada, chat, words);
      const findAnswer = () =>
        client
          .messages(chat)
          .slice(before)
          .find((message) => message.author === 'bot' && !findOAuthCard(message));
      await client.waitFor(findAnswer, answerWithinMs, `an answer to "${words}"`);
    }
    if (lines.some((line) => /"level":"(error|fatal)"/.test(line))) throw new Error('the bundle logged an error');
  } catch (error) {
    process.stderr.write(`${lines.join('\n')}\n`);
    throw error;
  } finally {
    await bot.stop();
    await sandbox.stop();
  }
}

rmSync(folder, { recursive: true, force: true });
const paths = await bundle();
writeFileSync(`${folder}main.js`, starter);
await compile();
writeFileSync(
  `${folder}build.json`,
  `${JSON.stringify({ sources: hashSources(root), leftOut: paths }, undefined, 2)}\n`,
);
