// @ts-check
import { byId, element } from './element.js';

const shownMs = 5000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export function showTyping() {
  clearTimeout(timer);
  byId('typing').replaceChildren(element('i'), element('i'), element('i'), 'VPP Sync is typing');
  timer = setTimeout(hideTyping, shownMs);
}

export function hideTyping() {
  clearTimeout(timer);
  byId('typing').replaceChildren();
}
