// @ts-check
import { element } from './element.js';

/** Dark enough for white letters on each. */
const colours = ['#7a3e9d', '#0f6c5c', '#a4373a', '#8a5a00', '#2b5fb4', '#5d6b1d', '#a02b72'];

/** @param {string} key @param {string} name */
export function avatar(key, name) {
  if (key === 'bot') {
    const picture = element('img', { src: '/client/page/icon.svg', alt: '' });
    return element('span', { className: 'avatar bot', 'aria-hidden': 'true' }, picture);
  }
  const sum = [...key].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  const made = element('span', { className: 'avatar', 'aria-hidden': 'true' }, initials(name));
  made.style.background = colours[sum % colours.length] ?? '';
  return made;
}

/** @param {string} name */
function initials(name) {
  const words = name.split(/[\s-]+/).filter(Boolean);
  // A Chinese given name is the last two signs.
  if (words.length === 1)
    return /\p{Script=Han}/u.test(name) ? [...name].slice(-2).join('') : [...name].slice(0, 1).join('');
  return words
    .slice(0, 2)
    .map((word) => [...word][0])
    .join('')
    .toUpperCase();
}
