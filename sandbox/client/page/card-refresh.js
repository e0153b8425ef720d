// @ts-check
import { ask } from './sandbox-api.js';

const notAgainWithinMs = 60_000;
/** @type {Map<string, number>} */
const asked = new Map();

/**
 * Does what Teams does when somebody sees a card with `refresh`: asks the bot for their view, at most once a minute.
 * @param {import('./sandbox-api.js').Message[]} messages
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
