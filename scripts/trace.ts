// Prints the chapters of src that run for one message, press or alert, in the order in which each is first entered:
//   npm run trace -- "sync vpp adatum"
//   npm run trace -- --press "Sync now"       (on the card that "status vpp adatum" brings, or that other words bring)
//   npm run trace -- --alert
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';
import { parseArgs } from 'node:util';
import { startSandbox } from '../sandbox/sandbox.ts';
import { findOAuthCard } from '../sandbox/teams/sign-in.ts';
import { findCard, listActions, type TeamsEvent } from '../sandbox/teams/timeline.ts';

const answerWithinMs = 60_000;
const monitorIntervalS = 1;

const { values: asked, positionals } = parseArgs({
  allowPositionals: true,
  options: { press: { type: 'string' }, alert: { type: 'boolean' } },
});
const words = positionals.join(' ') || 'status vpp adatum';
if (positionals.length === 0 && !asked.press && !asked.alert)
  fail('Say what to trace: npm run trace -- "sync vpp adatum", or --press "Sync now", or --alert');

// Its debugger sees only what is loaded from now on, so the bot is imported after it.
const tracer = createTracer(asked.alert ? 'src/alerts/' : 'src/teams/server.ts');
const [{ createApp }, { readConfig }, { createRuntime }, { createLog }] = await Promise.all([
  import('../src/app.ts'),
  import('../src/config.ts'),
  import('../src/lib/runtime.ts'),
  import('../src/telemetry/log.ts'),
]);
const sandbox = await startSandbox();
const monitor = { MONITOR: asked.alert ? 'on' : 'off', MONITOR_INTERVAL_S: String(monitorIntervalS) };
const read = readConfig(sandbox.env({ LOG_LEVEL: 'fatal', ...monitor }));
const config = 'problems' in read ? fail(read.problems.join('\n')) : read.config;
const app = await createApp(config, createRuntime(createLog(config.logLevel)));
sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
tracer.watchFunctions();

const { client, graph } = sandbox;
const ada = sandbox.person('ada');
const chat = sandbox.conversations.personal(ada);
const chapters = await (asked.alert ? traceAlert() : asked.press ? tracePress(asked.press) : traceMessage());
const lines = chapters.map((path, index) => `${String(index + 1).padStart(3)}  ${path}\n`);
process.stdout.write(`${chapters.length} chapters of src ran, in this order:\n${lines.join('')}`);
await app.stop();
await sandbox.stop();
process.exit(0);

/** From the message's arrival to its answer, with the silent sign-in between them. */
async function traceMessage(): Promise<readonly string[]> {
  tracer.begin();
  const answered = chaptersUntil(isAnswer);
  await client.say(ada, chat, words);
  return answered;
}

/** From the press's arrival to what it changes in the chat. */
async function tracePress(title: string): Promise<readonly string[]> {
  await Promise.all([chaptersUntil(isAnswer), client.say(ada, chat, words)]);
  await client.idle();
  const message = client.messages(chat).at(-1) ?? fail(`"${words}" was not answered.`);
  const actions = listActions(findCard(message, ada));
  const titles = actions.map((action) => action.title).join(', ') || 'none';
  const action =
    actions.find((each) => each.title === title) ??
    fail(`"${words}" brings no button "${title}". Its buttons: ${titles}`);
  tracer.begin();
  const answered = chaptersUntil((event) => isAnswer(event) || event.kind === 'view' || event.kind === 'toast');
  await client.press(ada, chat, message.id, action);
  return answered;
}

/** From the monitor's next pass to the card about a token that expired before it. */
async function traceAlert(): Promise<readonly string[]> {
  const adatum = graph.listTokens(ada.tenantId).find(({ organizationName }) => organizationName === 'Adatum');
  await Promise.all([chaptersUntil(isAnswer), client.say(ada, chat, 'status vpp adatum')]);
  // First wait for the alerts about faults that the rehearsal tenant has from its start.
  await Promise.all([chaptersUntil(isAbout(/Wingtip/)), client.say(ada, chat, 'alerts on all')]);
  graph.controls.expireToken(adatum?.id ?? fail('The rehearsal tenant has no token of Adatum.'));
  tracer.begin();
  return chaptersUntil(isAbout(/Adatum/));
}

type BotMessage = Extract<TeamsEvent, { readonly kind: 'message' | 'edit' | 'delete' }>;

function isAnswer(event: TeamsEvent): event is BotMessage {
  const isShown = event.kind === 'message' || event.kind === 'edit';
  return isShown && event.message.author === 'bot' && findOAuthCard(event.message) === undefined;
}

function isAbout(name: RegExp) {
  return (event: TeamsEvent) => isAnswer(event) && name.test(JSON.stringify(findCard(event.message)));
}

/** Resolves with the chapters that ran until the first event in Teams that fits. */
function chaptersUntil(fits: (event: TeamsEvent) => boolean): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const late = setTimeout(() => fail(`Nothing came within ${answerWithinMs / 1000} s.`), answerWithinMs);
  const check = (event: TeamsEvent) => {
    if (!fits(event)) return;
    clearTimeout(late);
    client.events.off('event', check);
    resolve(tracer.listChapters());
  };
  client.events.on('event', check);
  return promise;
}

/**
 * Notes the files of src whose functions run, in the order of their first call. Only what a function below `origin` began is noted, so
 * that other workers stay out of it. V8's coverage lists the functions; each gets a breakpoint whose condition notes its file and is
 * never true, so that nothing pauses. https://chromedevtools.github.io/devtools-protocol/v8
 */
function createTracer(origin: string) {
  const root = new URL('../', import.meta.url).href;
  const paths = new Map<string, string>();
  const ran = new Set<string>();
  const follows = new AsyncLocalStorage<boolean>();
  Object.assign(globalThis, {
    noteChapter(path: string): void {
      if (path.startsWith(origin)) follows.enterWith(true);
      if (follows.getStore()) ran.add(path);
    },
  });

  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => {
    if (url.startsWith(`${root}src/`)) paths.set(scriptId, url.slice(root.length));
  });
  session.post('Debugger.enable');
  session.post('Debugger.setBreakpointsActive', { active: false });
  session.post('Profiler.enable');

  function watch(scriptId: string, path: string, { functions }: Profiler.ScriptCoverage): void {
    const text = readFileSync(new URL(path, root), 'utf8');
    const start = { scriptId, lineNumber: 0, columnNumber: 0 };
    session.post('Debugger.getPossibleBreakpoints', { start }, (_error, { locations }) => {
      // The first function is the file itself, which ran when it was loaded.
      for (const { ranges } of functions.slice(1)) {
        const before = text.slice(0, ranges[0]?.startOffset).split('\n');
        const line = before.length - 1;
        const column = before.at(-1)?.length ?? 0;
        const location = locations.find(
          ({ lineNumber, columnNumber = 0 }) => lineNumber > line || (lineNumber === line && columnNumber > column),
        );
        if (location) session.post('Debugger.setBreakpoint', { location, condition: `noteChapter('${path}')` });
      }
    });
  }

  return {
    /** Sees every function that is loaded by now. */
    watchFunctions(): void {
      session.post('Profiler.getBestEffortCoverage', (_error, { result }) => {
        for (const script of result) {
          const path = paths.get(script.scriptId);
          if (path) watch(script.scriptId, path, script);
        }
      });
    },
    begin(): void {
      session.post('Debugger.setBreakpointsActive', { active: true });
    },
    listChapters: (): readonly string[] => [...ran],
  };
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
