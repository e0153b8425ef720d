import { after } from 'node:test';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { currentVersion, findCard, listActions, type TeamsMessage } from '../../sandbox/teams/timeline.ts';
import type { App } from '../../src/app.ts';
import type { Config } from '../../src/config.ts';
import { createApp, createLog, createRuntime, readConfig } from './bot-code.ts';

export interface Rehearsal {
  readonly sandbox: Sandbox;
  readonly app: App;
  readonly config: Config;
  readonly botUrl: string;
  /** The bot's messages in a conversation, oldest first. */
  answers(conversation: TeamsConversation): TeamsMessage[];
  /** Resolves with the newest message of the bot whose words (of any version of it) match. */
  waitForWords(conversation: TeamsConversation, words: RegExp, timeoutMs?: number): Promise<TeamsMessage>;
  /** Says something and resolves with the bot's first new message that is no sign-in card. */
  ask(person: SandboxPerson, conversation: TeamsConversation, text: string, mention?: boolean): Promise<TeamsMessage>;
}

export interface RehearsalDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

let makeDatabase: (() => Promise<RehearsalDatabase>) | undefined;

/** From now on every rehearsal of this process has a database made for it, and dropped after it; without this, one in memory. */
export function rehearseOn(make: () => Promise<RehearsalDatabase>): void {
  makeDatabase = make;
}

let everywhere: Readonly<Record<string, string>> = {};

/** From now on every bot of this process has these variables too. */
export function rehearseWith(env: typeof everywhere): void {
  everywhere = env;
}

/**
 * The whole product on loopback: the real bot in this process, against a rehearsal tenant of its own. Both go by `now`. Monitoring is off
 * unless the test turns it on, so that faults planned for what a person asks are not met by a pass. Stops after the tests.
 */
export async function startRehearsal(
  options: SandboxOptions & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Rehearsal> {
  const { env, ...sandboxOptions } = options;
  const sandbox = await startSandbox({ syncDurationMs: 300, ...sandboxOptions });
  const database = await makeDatabase?.();
  let started: App | undefined;
  after(async () => {
    await started?.stop();
    await sandbox.stop();
    await database?.drop();
  });
  const read = readConfig(
    sandbox.env({
      LOG_LEVEL: 'fatal',
      MONITOR: 'off',
      ...everywhere,
      ...(database && { DATABASE_URL: database.url }),
      ...env,
    }),
  );
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const { config } = read;
  const { now } = options;
  const app = await createApp(config, { ...createRuntime(createLog(config.logLevel)), ...(now && { now }) });
  started = app;
  const botUrl = `http://127.0.0.1:${await app.start()}`;
  sandbox.connectBot(botUrl);
  const { client } = sandbox;

  const answers = (conversation: TeamsConversation) =>
    client.messages(conversation).filter(({ author, deletedAt }) => author === 'bot' && deletedAt === undefined);
  return {
    sandbox,
    app,
    config,
    botUrl,
    answers,
    waitForWords: (conversation, words, timeoutMs = 8_000) =>
      client.waitFor(
        () => answers(conversation).findLast((message) => words.test(wordsOf(message))),
        timeoutMs,
        String(words),
      ),
    async ask(person, conversation, text, mention = conversation.kind !== 'personal') {
      const before = answers(conversation).length;
      await client.say(person, conversation, text, { mention });
      return client.waitFor(
        () =>
          answers(conversation)
            .slice(before)
            .find((message) => !isSignInCard(message)),
        8_000,
        `an answer to "${text}"`,
      );
    },
  };
}

/** Everything a person can read on the newest version of a message, in one line. */
export function wordsOf(message: TeamsMessage, person?: SandboxPerson): string {
  const { activity } = currentVersion(message);
  const card = findCard(message, person);
  return [activity.text ?? '', card ? textsIn(card).join(' ') : ''].join(' ').trim();
}

function textsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsIn);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) =>
    typeof value === 'string' ? (['text', 'title', 'label'].includes(name) ? [value] : []) : textsIn(value),
  );
}

export interface ExecuteAction {
  readonly type: 'Action.Execute';
  readonly title: string;
  readonly verb: string;
  readonly data: { readonly id: string };
}

/** The button with this title on what a person sees; fails when there is none. */
export function buttonOn(message: TeamsMessage, title: string, person?: SandboxPerson): ExecuteAction {
  const found = listActions(findCard(message, person)).find((action) => action.title === title) as
    | ExecuteAction
    | undefined;
  if (!found) throw new Error(`No button is titled ${title}; the message says: ${wordsOf(message, person)}`);
  return found;
}

const isSignInCard = (message: TeamsMessage) =>
  (currentVersion(message).activity.attachments ?? []).some(
    ({ contentType }) => contentType === 'application/vnd.microsoft.card.oauth',
  );
