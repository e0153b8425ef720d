// @ts-check
import { byId, element } from './element.js';
import { ask } from './sandbox-api.js';
import { showToast } from './toasts.js';

const usualDays = 14;

/** @typedef {ReturnType<typeof import('./model.js').createModel>} Model */

/** Draws what can be made to happen, once: it is the same for everybody. @param {() => Model} now @param {() => Promise<void>} reloadTokens */
export function drawHappenings(now, reloadTokens) {
  const { happenings } = now().state;
  const body = byId('panel-body');
  const days = element('input', {
    type: 'number',
    min: '0',
    max: '730',
    value: String(usualDays),
    'aria-label': 'Days',
  });
  const select = element('select', { id: 'token' });
  const happen = async (/** @type {string} */ what) => {
    const answer = await ask('happen', {
      what,
      person: now().person,
      conversation: now().current().key,
      token: select.value,
      days: days.valueAsNumber || 0,
    });
    if (answer) showToast('Rehearsal tenant', answer.text);
    await reloadTokens();
  };
  /** @param {import('./sandbox-api.js').Happening} happening */
  const button = ({ key, title, takesDays }) => {
    const made = element('button', { type: 'button', className: 'button', onclick: () => happen(key) }, title);
    return takesDays ? element('span', { className: 'with-days' }, made, days, 'days') : made;
  };
  const groups = [...new Set(happenings.map(({ group }) => group))];
  body.replaceChildren(
    ...groups.flatMap((group) => [
      element('h3', {}, group),
      ...(group === 'This connector'
        ? [element('label', {}, element('span', { className: 'hidden' }, 'Connector'), select)]
        : []),
      element(
        'div',
        { className: 'happenings', role: 'group', 'aria-label': group },
        ...happenings.filter((each) => each.group === group).map(button),
      ),
    ]),
  );
}

/** Fills the list of connectors, keeping the chosen one. @param {Model} model */
export function drawTokens({ state }) {
  const select = /** @type {HTMLSelectElement} */ (byId('token'));
  const before = select.value;
  select.replaceChildren(...state.tokens.map(({ id, name }) => element('option', { value: id }, name)));
  if (state.tokens.some(({ id }) => id === before)) select.value = before;
}
