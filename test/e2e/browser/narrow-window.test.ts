import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { inChromium } from '../../support/chromium.ts';
import { rehearsalsInChromium } from './rehearsal-page.ts';

const startRehearsal = rehearsalsInChromium();

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no card scrolls sideways in a window 360 px wide, ${colorScheme}`, inChromium, async () => {
    const { sit, sandbox } = await startRehearsal();
    const { page, openChat, say, answer } = await sit('ada', { colorScheme, viewport: { width: 360, height: 740 } });
    assert.equal(await page.locator('html').getAttribute('data-theme'), colorScheme);
    await openChat('VPP Sync');
    await say('status vpp phoenix');
    await answer(/https:\/\/example.com/);
    assert.deepEqual(await listTooWide(page), []);

    await say('sync vpp contoso');
    const choice = await answer(/matches 6 tokens/);
    assert.deepEqual(await listTooWide(page), []);
    await choice.getByRole('radio', { name: 'evenements@contoso.example.com' }).check();
    await choice.getByRole('button', { name: 'Sync now' }).click();
    await choice.getByText(/Sync (completed|failed)/).waitFor();
    assert.deepEqual(await listTooWide(page), []);

    sandbox.client.setSso(sandbox.person('elif'), 'off');
    await page.getByLabel('Acting as').selectOption('elif');
    await openChat('General');
    await say('sync vpp adatum');
    const offer = await answer(/asked for/);
    await offer.getByRole('button', { name: 'Continue' }).click();
    await offer.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.deepEqual(await listTooWide(page), []);
  });
}

/** Elements that reach beyond the window's right edge. */
const listTooWide = (page: Page) =>
  page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth)
    .map((each) => each.tagName + '.' + each.className)`);
