// @ts-check

/**
 * The page's address names who acts and the open chat, such as `#/ada/general`, so that it can be shared and survives a reload.
 * @typedef {{ person?: string, chat?: string }} Place
 */

/** @param {import('./model.js').Conversation} conversation */
export const chatName = ({ key, kind }) => (kind === 'personal' ? 'bot' : key.replace(/^channel-/, ''));

/** @returns {Place} */
export function readAddress() {
  const [, person, chat] = location.hash.split('/');
  return { ...(person && { person }), ...(chat && { chat }) };
}

/** Each new place is a step that the browser's Back returns from. @param {Place} place */
export function writeAddress({ person, chat }) {
  const hash = `#/${[person, chat].filter(Boolean).join('/')}`;
  if (location.hash === '') history.replaceState(null, '', hash);
  else if (location.hash !== hash) history.pushState(null, '', hash);
}
