// @ts-check
import { avatar } from './avatar.js';
import { byId, element } from './element.js';

/** @param {ReturnType<typeof import('./model.js').createModel>} model @param {(key: string) => void} onOpen */
export function drawChatList(model, onOpen) {
  const { conversations } = model.state;
  const chats = conversations.filter(({ kind }) => kind !== 'channel');
  const channels = conversations.filter(({ kind }) => kind === 'channel');
  const entry = (/** @type {import('./model.js').Conversation} */ each) => {
    const last = each.messages.findLast(({ isHidden, isDeleted }) => !isHidden && !isDeleted);
    const [botOrPeople] = each.kind === 'personal' ? ['bot'] : [each.key];
    const preview = last
      ? last.summary
          .replace(/<\/?at>|&nbsp;|[*_`]/g, ' ')
          .replace(/\s+/g, ' ')
          .trim() || 'A card'
      : 'Nothing said yet';
    const unread = model.unread.has(each.key);
    const button = element(
      'button',
      {
        type: 'button',
        className: unread ? 'chat unread' : 'chat',
        value: each.key,
        onclick: () => onOpen(each.key),
      },
      avatar(botOrPeople ?? '', each.name),
      element('b', {}, each.name, unread && element('span', { className: 'hidden' }, ' (unread)')),
      element(
        'time',
        {},
        last ? new Date(last.editedAt ?? last.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }) : '',
      ),
      element('small', {}, preview),
    );
    if (model.current() === each) button.setAttribute('aria-current', 'true');
    return element('li', {}, button);
  };
  const team = channels[0]?.teamName ?? '';
  const list = byId('chat-list');
  const { activeElement } = document;
  const focused = activeElement instanceof HTMLButtonElement && list.contains(activeElement) && activeElement.value;
  list.replaceChildren(
    element('ul', {}, ...chats.map(entry)),
    ...(channels.length > 0 ? [element('h3', {}, team), element('ul', {}, ...channels.map(entry))] : []),
  );
  // A message that comes in must not take the keyboard's place away.
  if (focused) [...list.querySelectorAll('button')].find(({ value }) => value === focused)?.focus();
}
