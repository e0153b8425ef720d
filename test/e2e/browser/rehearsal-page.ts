import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { launchChromium } from '../../support/chromium.ts';
import { type Rehearsal, startRehearsal } from '../../support/rehearsal.ts';

/** Somebody at the rehearsal's page, in a browser of their own; finds things as they do, by what is written on them. */
export interface Seat {
  readonly page: Page;
  /** The bot's messages that can be seen, oldest first. */
  readonly answers: Locator;
  /** Opens a conversation from the list of chats. */
  openChat(name: string): Promise<void>;
  /** Types into the message box and sends with Enter. */
  say(text: string): Promise<void>;
  /** The bot's newest message that says this, once there is one; and that same message whatever it says later. */
  answer(words: RegExp): Promise<Locator>;
}

export interface RehearsalPage extends Rehearsal {
  sit(personKey: string, options?: BrowserContextOptions): Promise<Seat>;
  /** Keys of the people whose rights a sync was started with, in order. */
  listSyncedBy(): (string | undefined)[];
}

const timeoutMs = 20_000;

/**
 * One browser for the tests of a file. Each test starts a rehearsal of its own with what this returns; it fails when a page
 * complained in its console or reached anything but the rehearsal.
 */
export function rehearsalsInChromium(): (options?: Parameters<typeof startRehearsal>[0]) => Promise<RehearsalPage> {
  let browser: Promise<Browser> | undefined;
  after(async () => (await browser)?.close());

  return async (options) => {
    const contexts: BrowserContext[] = [];
    const complaints: string[] = [];
    // Pages go before the rehearsal does, or they complain of that; complaints fail the test once both are gone.
    after(() => Promise.all(contexts.map((context) => context.close())));
    const rehearsal = await startRehearsal({ syncDurationMs: 900, ...options });
    after(() => assert.deepEqual(complaints, []));
    const { sandbox } = rehearsal;
    return {
      ...rehearsal,
      async sit(personKey, contextOptions) {
        browser ??= launchChromium();
        const context = await (await browser).newContext(contextOptions);
        contexts.push(context);
        context.setDefaultTimeout(timeoutMs);
        watch(context, sandbox.baseUrl, complaints);
        return takeSeat(await context.newPage(), sandbox.baseUrl, personKey);
      },
      listSyncedBy: () =>
        sandbox.graph.requests
          .filter(({ method, path }) => method === 'POST' && path.endsWith('/syncLicenses'))
          .map(({ personOid }) => sandbox.people.find(({ aadObjectId }) => aadObjectId === personOid)?.key),
    };
  };
}

function watch(context: BrowserContext, baseUrl: string, complaints: string[]): void {
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error' && !isBlockedFetch(message.text())) complaints.push(message.text());
  });
  context.on('request', (request) => {
    if (!request.url().startsWith(`${baseUrl}/`)) complaints.push(`asked for ${request.url()}`);
  });
}

/** The sign-in window's Teams library asks for a list of hosts, which the window's own policy blocks before anything is sent. */
const isBlockedFetch = (text: string) => /teams-js.*Content Security Policy/.test(text);

async function takeSeat(page: Page, baseUrl: string, personKey: string): Promise<Seat> {
  // The page acts as somebody once it receives their events.
  const isSeated = page.waitForResponse(`${baseUrl}/client/events?person=${personKey}`);
  await page.goto(baseUrl);
  const people = page.getByLabel('Acting as');
  await people.getByRole('option').first().waitFor({ state: 'attached' });
  if ((await people.inputValue()) !== personKey) await people.selectOption(personKey);
  await isSeated;
  const answers = page.getByRole('article', { name: 'VPP Sync' });
  return {
    page,
    answers,
    openChat: (name) => page.getByRole('region', { name: 'Chat' }).getByRole('button', { name }).click(),
    async say(text) {
      await page.getByLabel('Message', { exact: true }).fill(text);
      await page.keyboard.press('Enter');
    },
    async answer(words) {
      const newest = answers.filter({ hasText: words }).last();
      const id = await newest.getAttribute('id');
      return page.locator(`[id="${id}"]`);
    },
  };
}
