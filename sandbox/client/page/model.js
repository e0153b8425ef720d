// @ts-check
import { chatName } from './address.js';

/** @typedef {import('./sandbox-api.js').Conversation} Conversation */
/** @typedef {import('./sandbox-api.js').Message} Message */

/** The page's state for the person who acts. @param {import('./sandbox-api.js').State} state @param {string} person */
export function createModel(state, person) {
  /** @type {Set<string>} */
  const unread = new Set();
  let open = state.conversations[0]?.key ?? '';
  const find = (/** @type {string} */ key) => state.conversations.find((each) => each.key === key);
  return {
    person,
    state,
    unread,
    find,
    /** @returns {Conversation} */
    current() {
      const found = find(open);
      if (!found) throw new Error(`There is no conversation ${open}.`);
      return found;
    },
    /** @param {string} key */
    open(key) {
      if (find(key)) open = key;
      unread.delete(open);
    },
    /** @param {string} name as the address has it */
    keyCalled: (name) => state.conversations.find((each) => chatName(each) === name)?.key,
    /** Takes a new or changed message in. @param {Message} message @returns {boolean} whether it is new here */
    put(message) {
      const messages = find(message.conversation)?.messages;
      if (!messages) return false;
      const at = messages.findIndex(({ id }) => id === message.id);
      if (at >= 0) messages[at] = message;
      else messages.push(message);
      if (at < 0 && message.conversation !== open && !message.isHidden) unread.add(message.conversation);
      return at < 0;
    },
  };
}
