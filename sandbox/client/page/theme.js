// @ts-check
import { byId } from './element.js';

const dark = matchMedia('(prefers-color-scheme: dark)');
const kept = 'rehearsal-theme';
/** @type {Record<string, unknown>} */
const hostConfigs = {};

/** @returns {'light' | 'dark'} */
export function theme() {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light';
}

/** Host config of the card renderer for the theme that is on. */
export const hostConfig = () => hostConfigs[theme()];

/** @param {() => void} onChange called when cards must be drawn anew */
export async function startTheme(onChange) {
  const load = async (/** @type {'light' | 'dark'} */ name) => {
    hostConfigs[name] = await (await fetch(`/client/page/host-config-${name}.json`)).json();
  };
  await Promise.all([load('light'), load('dark')]);
  const apply = () => {
    document.documentElement.dataset.theme = localStorage.getItem(kept) ?? (dark.matches ? 'dark' : 'light');
    byId('theme').setAttribute(
      'aria-label',
      theme() === 'dark' ? 'Switch to the light theme' : 'Switch to the dark theme',
    );
  };
  const change = () => {
    apply();
    onChange();
  };
  apply();
  dark.addEventListener('change', change);
  byId('theme').addEventListener('click', () => {
    const next = theme() === 'dark' ? 'light' : 'dark';
    if ((next === 'dark') === dark.matches) localStorage.removeItem(kept);
    else localStorage.setItem(kept, next);
    change();
  });
}
