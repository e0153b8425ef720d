// @ts-check
import { byId } from './element.js';

/** @typedef {'light' | 'dark' | 'contrast'} Theme */

const dark = matchMedia('(prefers-color-scheme: dark)');
const contrast = matchMedia('(prefers-contrast: more)');
const kept = 'rehearsal-theme';
const names = { light: 'light', dark: 'dark', contrast: 'high-contrast' };
/** @type {Record<string, unknown>} */
const hostConfigs = {};

/** @returns {Theme} */
export function theme() {
  const { theme } = document.documentElement.dataset;
  return theme === 'dark' || theme === 'contrast' ? theme : 'light';
}

/** Host config of the card renderer for the theme that is on. */
export const hostConfig = () => hostConfigs[theme()];

export async function loadThemes() {
  const load = async (/** @type {string} */ name) => {
    hostConfigs[name] = await (await fetch(`/client/page/host-config-${name}.json`)).json();
  };
  await Promise.all(Object.keys(names).map(load));
}

/** @param {() => void} onChange called when cards must be drawn anew */
export async function startTheme(onChange) {
  await loadThemes();
  const apply = () => {
    const own = contrast.matches ? 'contrast' : dark.matches ? 'dark' : 'light';
    document.documentElement.dataset.theme = localStorage.getItem(kept) ?? own;
    byId('theme').setAttribute('aria-label', `Switch to the ${names[nextTheme()]} theme`);
  };
  const change = () => {
    apply();
    onChange();
  };
  apply();
  for (const system of [dark, contrast]) system.addEventListener('change', change);
  byId('theme').addEventListener('click', () => {
    localStorage.setItem(kept, nextTheme());
    change();
  });
}

/** @returns {Theme} */
function nextTheme() {
  if (theme() === 'light') return 'dark';
  return theme() === 'dark' ? 'contrast' : 'light';
}
