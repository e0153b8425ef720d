// @ts-check
import { avatar } from './avatar.js';
import { startComposeBox } from './compose-box.js';
import { byId, element, icon } from './element.js';
import { drawMessage } from './message.js';
import { isTourSeen, startTour } from './tour.js';

/** @typedef {import('./sandbox-api.js').Message} Message */
/** @typedef {(text: string, replyToThread?: string) => void} Send */

/** Draws the open conversation from the beginning. @param {ReturnType<typeof import('./model.js').createModel>} model @param {Send} send */
export function drawPane(model, send) {
  const conversation = model.current();
  const { kind, name, teamName, memberCount } = conversation;
  byId('pane-title').textContent = name;
  const details = {
    personal: 'Chat with the bot',
    groupChat: `${memberCount} people and VPP Sync`,
    channel: teamName ?? '',
  };
  byId('pane-detail').textContent = details[kind];
  byId('pane-avatar').replaceChildren(avatar(kind === 'personal' ? 'bot' : conversation.key, name));
  byId('mention').hidden = kind === 'personal';
  const words = /** @type {HTMLTextAreaElement} */ (byId('words'));
  words.placeholder = { personal: 'Type a message', groupChat: 'Type a message', channel: 'Start a post' }[kind];
  const visible = conversation.messages.filter(({ isHidden }) => !isHidden);
  byId('messages').replaceChildren(...(visible.length === 0 ? [emptyChat(conversation, send)] : []));
  for (const message of conversation.messages) putMessage(model, message, send);
  toEnd();
}

/** Draws a new message, or an old one anew, keeping the keyboard where it was. @param {ReturnType<typeof import('./model.js').createModel>} model @param {Message} message @param {Send} send */
export function putMessage(model, message, send) {
  const list = byId('messages');
  const nearEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  const drawn = drawMessage(message, model.person);
  const old = document.getElementById(drawn.id);
  if (!message.isHidden) list.querySelector('.empty')?.remove();
  if (old) {
    const title = focusedTitle(old);
    old.replaceWith(drawn);
    if (title !== undefined) refocus(drawn, title);
  } else if (message.rootId === undefined) list.append(drawn);
  else placeInThread(list, message, drawn, send);
  if (nearEnd) toEnd();
}

/** @param {HTMLElement} list @param {Message} message @param {HTMLElement} drawn @param {Send} send */
function placeInThread(list, message, drawn, send) {
  const { rootId = message.id } = message;
  const replies = document.getElementById(`replies-${rootId}`);
  if (replies) replies.append(drawn);
  else list.append(thread(rootId, drawn, send));
}

/** @param {string} rootId @param {HTMLElement} first @param {Send} send */
function thread(rootId, first, send) {
  const id = `reply-${rootId}`;
  const form = element(
    'form',
    { className: 'compose', hidden: true },
    element('label', { className: 'hidden', htmlFor: id }, 'Reply'),
    element('textarea', { id, rows: 1, placeholder: 'Reply to @VPP Sync' }),
    element(
      'button',
      { type: 'submit', className: 'send', 'aria-label': 'Send reply' },
      icon('M3 20.5 22 12 3 3.5 3 10l12 2-12 2Z'),
    ),
  );
  const open = element('button', { type: 'button', className: 'plain reply' }, 'Reply');
  open.addEventListener('click', () => {
    form.hidden = false;
    open.hidden = true;
    form.querySelector('textarea')?.focus();
  });
  startComposeBox(form, (text) => send(text, rootId));
  const replies = element('div', { className: 'replies', id: `replies-${rootId}` });
  return element('div', { className: 'thread', role: 'group', 'aria-label': 'Thread' }, first, replies, open, form);
}

/** @param {import('./model.js').Conversation} conversation @param {Send} send */
function emptyChat({ kind, suggestion }, send) {
  const sentence =
    kind === 'personal'
      ? 'Tell the bot what to sync.'
      : 'Here the bot hears what mentions it. The message box does that for you.';
  return element(
    'div',
    { className: 'empty' },
    avatar('bot', ''),
    element('h3', {}, 'Nothing said yet'),
    element('p', {}, sentence),
    element('button', { type: 'button', className: 'suggestion', onclick: () => send(suggestion) }, suggestion),
    !isTourSeen() &&
      element('button', { type: 'button', className: 'suggestion', onclick: startTour }, 'Take the tour'),
  );
}

function toEnd() {
  const list = byId('messages');
  list.scrollTop = list.scrollHeight;
}

/** Title of the button that has the keyboard, or had it before the card lost that button. @param {HTMLElement} container */
function focusedTitle(container) {
  const { activeElement } = document;
  if (!(activeElement instanceof HTMLElement) || !container.contains(activeElement)) return undefined;
  return activeElement.dataset.awaited ?? titleOf(activeElement);
}

/**
 * A pressed button may be gone for a while: until one of that title is back, the card itself keeps the keyboard's place.
 * @param {HTMLElement} container @param {string} title
 */
function refocus(container, title) {
  const controls = /** @type {NodeListOf<HTMLElement>} */ (container.querySelectorAll('button, [role="button"]'));
  const same = [...controls].find((each) => titleOf(each) === title && each.checkVisibility());
  const card = /** @type {HTMLElement | null} */ (container.querySelector('.card'));
  if (!same && card) card.dataset.awaited = title;
  (same ?? card ?? byId('words')).focus({ preventScroll: true });
}

/** @param {HTMLElement} control */
const titleOf = (control) => control.getAttribute('aria-label') ?? control.textContent ?? '';

const typingShownMs = 5000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typingTimer;

export function showTyping() {
  clearTimeout(typingTimer);
  byId('typing').replaceChildren(element('i'), element('i'), element('i'), 'VPP Sync is typing');
  typingTimer = setTimeout(hideTyping, typingShownMs);
}

export function hideTyping() {
  clearTimeout(typingTimer);
  byId('typing').replaceChildren();
}
