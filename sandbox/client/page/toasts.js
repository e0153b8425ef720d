// @ts-check
import { byId, element, icon } from './element.js';

const leastShownMs = 7000;
/** Slow readers read about 15 letters a second. */
const shownPerLetterMs = 65;

/** @param {string} text */
export function announce(text) {
  byId('news').textContent = text;
}

/** @param {string} title @param {string} text @param {() => void} [onOpen] */
export function showToast(title, text, onOpen) {
  const words = [element('strong', {}, title), element('div', {}, text)];
  const open = () => {
    onOpen?.();
    toast.remove();
  };
  const content = onOpen
    ? element('button', { type: 'button', className: 'go', onclick: open }, ...words)
    : element('div', {}, ...words);
  const toast = element(
    'div',
    { className: 'toast', role: 'status' },
    content,
    closeButton(() => toast.remove()),
  );
  put(toast);
  setTimeout(() => toast.remove(), Math.max(leastShownMs, text.length * shownPerLetterMs));
}

/** Stays until it is closed: it is for the developer. @param {string} title @param {unknown} [details] */
export function showProblem(title, details) {
  const text = typeof details === 'string' ? details : details === undefined ? '' : JSON.stringify(details, null, 2);
  const toast = element(
    'div',
    { className: 'toast problem', role: 'alert' },
    element('strong', {}, title),
    text !== '' && element('pre', { tabIndex: 0 }, text),
    closeButton(() => toast.remove()),
  );
  put(toast);
}

/** @param {HTMLElement} toast */
function put(toast) {
  const toasts = byId('toasts');
  toasts.append(toast);
  while (toasts.childElementCount > 4) toasts.firstElementChild?.remove();
}

/** @param {() => void} onclick */
function closeButton(onclick) {
  return element(
    'button',
    { type: 'button', className: 'plain', 'aria-label': 'Dismiss', onclick },
    icon('m6 6 12 12M18 6 6 18'),
  );
}
