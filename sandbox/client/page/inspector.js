// @ts-check
import { byId, element } from './element.js';
import { listRequests } from './sandbox-api.js';
import { showToast } from './toasts.js';

/** @typedef {import('./sandbox-api.js').Message} Message */

const mostShown = 60;
let lastNumber = 0;
let loading = Promise.resolve();
/** @type {string | undefined} */
let chosen;

/** Shows the card of one message of the open chat as the bot made it: the newest, until another is chosen. @param {Message[]} messages */
export function drawCardJson(messages) {
  const place = byId('card-json');
  const cards = messages.filter(({ card, isHidden, isDeleted }) => card && !isHidden && !isDeleted).reverse();
  const shown = cards.find(({ id }) => id === chosen) ?? cards[0];
  if (!shown) {
    place.replaceChildren(element('p', {}, 'No card in this chat yet.'));
    return;
  }
  const select = element(
    'select',
    {},
    ...cards.map(({ id, at, summary }) => element('option', { value: id }, `${clock(at)} ${summary || 'A card'}`)),
  );
  select.value = shown.id;
  select.addEventListener('change', () => {
    chosen = select.value;
    drawCardJson(messages);
  });
  // An edit of the card must not take the reader's place away.
  const read = place.querySelector('pre')?.scrollTop ?? 0;
  const focused = place.contains(document.activeElement) ? document.activeElement?.tagName : undefined;
  place.replaceChildren(
    element('label', {}, element('span', { className: 'hidden' }, 'Message'), select),
    ...code(JSON.stringify(shown.card, null, 2)),
  );
  place.querySelector('pre')?.scrollTo(0, read);
  if (focused) /** @type {HTMLElement | null} */ (place.querySelector(focused))?.focus();
}

/** Adds what the bot has sent since it was last asked for, newest first. One after the other, so that nothing is shown twice. */
export function showRequests() {
  loading = loading.then(async () => {
    for (const request of await listRequests(lastNumber)) {
      lastNumber = request.number;
      byId('sent').prepend(drawRequest(request));
    }
    cutList(byId('sent'));
  });
}

/** @param {import('./sandbox-api.js').BotRequest} request */
function drawRequest({ at, method, path, status, body }) {
  const address = decodeURIComponent(path);
  const short = address.replace(/[^/]{20,}/g, (part) => `${part.slice(0, 10)}…`);
  const answer = status || 'cut off';
  const words = `${method} ${address}\n${answer}\n\n${body && JSON.stringify(JSON.parse(body), null, 2)}`.trim();
  return element(
    'li',
    {},
    element(
      'details',
      {},
      element('summary', {}, element('b', {}, `${method} ${answer}`), ` ${short} · ${clock(at)}`),
      ...code(words),
    ),
  );
}

/** Notes one activity the bot was sent, newest first. @param {{ what: string, by?: string, status: number, ms: number, attempts: number, problem?: string }} delivery */
export function noteDelivery({ what, by, status, ms, attempts, problem }) {
  const words = `${status || 'no answer'} in ${ms} ms${attempts > 1 ? `, sent ${attempts} times` : ''}`;
  byId('wire').prepend(
    element(
      'li',
      {},
      element('b', {}, what),
      ` ${by ? `by ${by}: ` : ''}${words}`,
      problem !== undefined && element('div', { className: 'problem' }, problem),
    ),
  );
  cutList(byId('wire'));
}

/** @param {HTMLElement} list */
function cutList(list) {
  while (list.childElementCount > mostShown) list.lastElementChild?.remove();
}

/** Text to read and to copy. @param {string} text */
function code(text) {
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    showToast('Inspector', 'Copied.');
  };
  return [
    element('button', { type: 'button', className: 'button', onclick: copy }, 'Copy'),
    element('pre', { tabIndex: 0 }, text),
  ];
}

/** @param {number} at */
const clock = (at) => new Date(at).toLocaleTimeString();
