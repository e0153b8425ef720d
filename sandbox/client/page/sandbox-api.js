// @ts-check
import { showProblem } from './toasts.js';

/**
 * @typedef {{ key: string, name: string, title: string, role: string, teamsId: string, tenant: string }} Person
 * @typedef {{ key: string, name: string }} Author
 * @typedef {{ title: string, text: string, url: string }} SignIn
 * @typedef {{ type: 'Action.Execute', id?: string, title?: string, verb?: string, data?: unknown }} Action
 * @typedef {{ id: string, conversation: string, rootId?: string, at: number, editedAt?: number, author: Author, text: string,
 *   textFormat: string, summary: string, card?: Record<string, unknown>, isOwnView: boolean, isTargeted: boolean, signIn?: SignIn,
 *   isDeleted: boolean, isHidden: boolean }} Message
 * @typedef {{ key: string, kind: 'personal' | 'groupChat' | 'channel', name: string, teamName?: string, memberCount: number,
 *   suggestion: string, messages: Message[] }} Conversation
 * @typedef {{ key: string, title: string, group: string, takesDays?: boolean }} Happening
 * @typedef {{ number: number, at: number, method: string, path: string, status: number, body: string }} BotRequest
 * @typedef {{ people: Person[], conversations: Conversation[], tokens: { id: string, name: string }[],
 *   happenings: Happening[] }} State
 * @typedef {{ status: number, body: unknown, ms: number, attempts: number }} Outcome
 * @typedef {{ statusCode?: number, signInOffered: boolean, problem?: string }} PressResult
 * @typedef {Outcome & { kind: 'delivery', what: string, by?: string, conversation: string, problem?: string }} Delivery
 * @typedef {{ kind: 'message' | 'edit' | 'delete' | 'view' | 'signIn', message: Message }
 *   | { kind: 'typing', conversation: string, rootId?: string } | { kind: 'toast', conversation: string, text: string }
 *   | Delivery | { kind: 'reconnected' } | { kind: 'request' } | { kind: 'reset' }} Happened
 * @typedef {{ say: object, press: PressResult, refresh: PressResult, search: { found: { title: string, value: string }[] }, 'sign-in': object, happen: { text: string } }} Answers
 */

/** @param {string | undefined} person @returns {Promise<State>} */
export async function loadState(person) {
  const query = person ? `?person=${encodeURIComponent(person)}` : '';
  const response = await fetch(`/client/state${query}`);
  if (!response.ok) throw new Error(`The sandbox answered HTTP ${response.status}.`);
  return response.json();
}

/** The newest requests of the bot to Teams after this number, oldest first. @param {number} number @returns {Promise<BotRequest[]>} */
export async function listRequests(number) {
  const response = await fetch(`/client/requests?after=${number}`);
  return response.ok ? response.json() : [];
}

/**
 * Undefined when it failed; the developer then sees why.
 * @template {keyof Answers} What
 * @param {What} what
 * @param {Record<string, unknown>} fields
 * @returns {Promise<Answers[What] | undefined>}
 */
export async function ask(what, fields) {
  try {
    const response = await fetch(`/client/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
    const body = response.status === 204 ? {} : await response.json();
    if (response.ok) return body;
    showProblem(`The sandbox would not ${what}`, body.error ?? `HTTP ${response.status}`);
  } catch (error) {
    showProblem('The sandbox does not answer', String(error));
  }
  return undefined;
}

/**
 * @param {string} person
 * @param {(event: Happened) => void} onEvent
 * @returns {() => void} ends it
 */
export function followEvents(person, onEvent) {
  const source = new EventSource(`/client/events?person=${encodeURIComponent(person)}`);
  source.onmessage = ({ data }) => onEvent(JSON.parse(data));
  // Events are not replayed: reload what happened while the connection was down.
  let wasOpen = false;
  source.onopen = () => {
    if (wasOpen) onEvent({ kind: 'reconnected' });
    wasOpen = true;
  };
  return () => source.close();
}
