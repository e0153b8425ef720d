// @ts-check
import { byId, element } from './element.js';
import { ask } from './sandbox-api.js';
import { showToast } from './toasts.js';

const mostDeliveries = 60;

/** @param {ReturnType<typeof import('./model.js').createModel>} model @param {() => Promise<void>} reloadTokens */
export function drawHappenings(model, reloadTokens) {
  const body = byId('panel-body');
  const before = /** @type {HTMLSelectElement | null} */ (body.querySelector('select'))?.value;
  const select = element(
    'select',
    { id: 'token' },
    ...model.state.tokens.map(({ id, name }) => element('option', { value: id }, name)),
  );
  if (before !== undefined && model.state.tokens.some(({ id }) => id === before)) select.value = before;
  const happen = async (/** @type {string} */ what) => {
    const answer = await ask('happen', {
      what,
      person: model.person,
      conversation: model.current().key,
      token: select.value,
    });
    if (answer) showToast('Rehearsal tenant', answer.text);
    await reloadTokens();
  };
  const groups = [...new Set(model.state.happenings.map(({ group }) => group))];
  body.replaceChildren(
    ...groups.flatMap((group) => [
      element('h3', {}, group),
      ...(group === 'This token'
        ? [element('label', {}, element('span', { className: 'hidden' }, 'Token'), select)]
        : []),
      element(
        'div',
        { className: 'happenings', role: 'group', 'aria-label': group },
        ...model.state.happenings
          .filter((each) => each.group === group)
          .map(({ key, title }) =>
            element('button', { type: 'button', className: 'button', onclick: () => happen(key) }, title),
          ),
      ),
    ]),
  );
}

/** Notes one activity the bot was sent, newest first. @param {{ what: string, by?: string, status: number, ms: number, attempts: number, problem?: string }} delivery */
export function noteDelivery({ what, by, status, ms, attempts, problem }) {
  const wire = byId('wire');
  const words = `${status || 'no answer'} in ${ms} ms${attempts > 1 ? `, sent ${attempts} times` : ''}`;
  wire.prepend(
    element(
      'li',
      {},
      element('b', {}, what),
      ` ${by ? `by ${by}: ` : ''}${words}`,
      problem !== undefined && element('div', { className: 'problem' }, problem),
    ),
  );
  while (wire.childElementCount > mostDeliveries) wire.lastElementChild?.remove();
}
