import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Options of every test that needs a browser: without Debian's Chromium it is reported as skipped. */
export const inChromium = {
  skip: existsSync(executablePath) ? false : 'there is no Chromium',
  timeout: 60_000,
} as const;

/** A browser with a profile of its own. Whoever launches it closes it. */
export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath, args });
