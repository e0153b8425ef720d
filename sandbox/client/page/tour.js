// @ts-check
import { byId, element } from './element.js';

const kept = 'rehearsal-tour';

const steps = [
  {
    target: '.chats',
    title: 'Chats',
    text: 'A chat with the bot, a group chat and two channels. In the shared ones, the bot hears what mentions it.',
  },
  {
    target: '#compose',
    title: 'Say something',
    text: 'Type “sync vpp contoso”, “list” or “help”. The bot answers as it does in Teams: with its own code, on this machine.',
  },
  {
    target: '.acting',
    title: 'Be somebody else',
    text: 'Some may sync, some may only read, and Chen reads Chinese. The bot has the permissions of whoever asks.',
  },
  {
    target: '#show-panel',
    title: 'Simulate',
    text: 'Expire a token or the push certificate, let a week pass, throttle Graph, withdraw consent. After “alerts on all” the bot says what it sees. Reset takes you back to the start.',
  },
  {
    target: '#show-inspector',
    title: 'Inspect',
    text: 'The JSON of each card, every request that the bot sent to Teams, and what it was sent.',
  },
  {
    target: '.looks',
    title: 'Looks',
    text: 'Plain draws cards as old clients do. Phone draws the chat 360 pixels wide. Theme goes from light to dark to high contrast.',
  },
];

export const isTourSeen = () => localStorage.getItem(kept) === 'seen';

/** Leads through the page in a few steps, beside which the page stays usable. Ends with Done, Skip or Escape. */
export function startTour() {
  if (document.querySelector('.tour')) return;
  const opener = document.activeElement;
  const title = element('h2', { id: 'tour-title', tabIndex: -1 });
  const text = element('p');
  const count = element('span', { className: 'tour-count' });
  const skip = element('button', { type: 'button', className: 'button', onclick: () => end() }, 'Skip');
  const back = element('button', { type: 'button', className: 'button', onclick: () => show(at - 1) }, 'Back');
  const next = element('button', { type: 'button', className: 'button main', onclick: () => show(at + 1) });
  const dialog = element(
    'dialog',
    { className: 'tour', 'aria-labelledby': title.id },
    title,
    text,
    element('div', { className: 'tour-foot' }, count, skip, back, next),
  );
  let at = 0;
  /** @param {number} index */
  const show = (index) => {
    unmark();
    at = index;
    const step = steps[at];
    if (!step) return end();
    document.querySelector(step.target)?.classList.add('toured');
    title.textContent = step.title;
    text.textContent = step.text;
    count.textContent = `${at + 1} of ${steps.length}`;
    back.hidden = at === 0;
    skip.hidden = at === steps.length - 1;
    next.textContent = skip.hidden ? 'Done' : 'Next';
    title.focus();
  };
  const unmark = () => document.querySelector('.toured')?.classList.remove('toured');
  const end = () => {
    unmark();
    dialog.remove();
    localStorage.setItem(kept, 'seen');
    (opener instanceof HTMLElement && opener.isConnected ? opener : byId('start-tour')).focus();
  };
  dialog.addEventListener('keydown', ({ key }) => key === 'Escape' && end());
  document.body.append(dialog);
  dialog.show();
  show(0);
}
