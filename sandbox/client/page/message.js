// @ts-check
import { avatar } from './avatar.js';
import { drawCard } from './card.js';
import { element } from './element.js';
import { messageMarkdown } from './markdown.js';
import { ask } from './sandbox-api.js';
import { openSignInWindow } from './sign-in-window.js';
import { showProblem, showToast } from './toasts.js';

/** @typedef {import('./sandbox-api.js').Message} Message */

const notAgainWithinMs = 60_000;
/** @type {Map<string, number>} */
const asked = new Map();

/** One message as the person acting sees it. @param {Message} message @param {string} person */
export function drawMessage(message, person) {
  const own = message.author.key === person;
  const time = (/** @type {number} */ at) =>
    new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const made = element(
    'article',
    {
      className: own ? 'message own' : 'message',
      id: `message-${message.id}`,
      'aria-label': `${message.author.name}, ${time(message.at)}`,
    },
    avatar(message.author.key, message.author.name),
    element(
      'div',
      { className: 'by' },
      element('h3', {}, message.author.name),
      element('time', { dateTime: new Date(message.at).toISOString() }, time(message.at)),
      message.editedAt !== undefined && element('span', {}, `Edited ${time(message.editedAt)}`),
    ),
    element('div', { className: 'body' }, ...bodyOf(message, person)),
  );
  made.hidden = message.isHidden;
  return made;
}

/** @param {Message} message @param {string} person */
function bodyOf(message, person) {
  if (message.isDeleted) return [element('p', { className: 'bubble deleted' }, 'This message was deleted.')];
  const where = { person, conversation: message.conversation, message: message.id };
  return [
    message.text !== '' && drawText(message),
    message.card &&
      drawCard(
        message.card,
        (action) => ask('press', { ...where, action }),
        async (dataset, text) => (await ask('search', { ...where, dataset, text }))?.found ?? [],
      ),
    message.isTargeted && element('p', { className: 'own-view' }, 'Only you can see this message.'),
    message.isOwnView && element('p', { className: 'own-view' }, 'Only you see this card.'),
    message.signIn && drawSignIn(message.signIn, where),
  ].filter((part) => part !== undefined && part !== false);
}

/** @param {Message} message */
function drawText({ text, textFormat }) {
  const bubble = element('div', { className: 'bubble' });
  if (textFormat === 'plain') {
    bubble.classList.add('plain-text');
    for (const part of text.split(/(<at>.*?<\/at>)/)) {
      const name = /^<at>(.*)<\/at>$/.exec(part)?.[1];
      bubble.append(name === undefined ? part : element('span', { className: 'mention' }, `@${name}`));
    }
  } else bubble.innerHTML = messageMarkdown(text);
  return bubble;
}

/** @param {import('./sandbox-api.js').SignIn} signIn @param {Record<string, unknown>} where */
function drawSignIn({ title, text, url }, where) {
  const button = element('button', { type: 'button', className: 'button main' }, title);
  button.addEventListener('click', async () => {
    const end = await openSignInWindow(url);
    if ('blocked' in end)
      return showProblem('The sign-in window was blocked', 'Allow pop-up windows for this address.');
    if ('cancelled' in end) return showToast('Sign-in', 'The window was closed before the sign-in was finished.');
    button.disabled = true;
    await ask('sign-in', { ...where, code: end.code });
    button.disabled = false;
  });
  return element('div', { className: 'card sign-in' }, text !== '' && element('p', {}, text), button);
}

/**
 * Does what Teams does when somebody sees a card with `refresh`: asks the bot for their view, at most once a minute.
 * @param {Message[]} messages
 * @param {string} person
 * @param {string} teamsId
 */
export function refreshSeenCards(messages, person, teamsId) {
  for (const { id, conversation, card } of messages) {
    const refresh = /** @type {{ action?: unknown, userIds?: string[] } | undefined} */ (card?.refresh);
    const key = `${person} ${id}`;
    const isDue = Date.now() - (asked.get(key) ?? 0) > notAgainWithinMs;
    if (!refresh?.action || !refresh.userIds?.includes(teamsId) || !isDue) continue;
    asked.set(key, Date.now());
    ask('refresh', { person, conversation, message: id, action: refresh.action });
  }
}
