// @ts-check

const open = 'ac-choiceSetInput-filtered-dropdown-open';
const highlighted = 'ac-choiceSetInput-choice-highlighted';

/**
 * Gives the renderer's search fields what a combobox needs: roles, its state for a screen reader, Escape, arrows that open the list.
 * The renderer moves the highlight and takes a choice with Enter on its own.
 * @param {HTMLElement} card
 */
export function makeComboboxes(card) {
  for (const field of card.querySelectorAll('.ac-choiceSetInput-filtered-container')) {
    const input = field.querySelector('input');
    const list = /** @type {HTMLElement | null} */ (field.querySelector('.ac-choiceSetInput-filtered-dropdown'));
    if (input && list) makeCombobox(/** @type {HTMLElement} */ (field), input, list);
  }
}

/** @param {HTMLElement} field @param {HTMLInputElement} input @param {HTMLElement} list */
function makeCombobox(field, input, list) {
  const isOpen = () => list.classList.contains(open);
  const close = () => list.classList.remove(open);
  list.id = crypto.randomUUID();
  list.tabIndex = -1;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Choices');
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-controls', list.id);
  input.autocomplete = 'off';

  const tell = () => {
    input.setAttribute('aria-expanded', String(isOpen()));
    let active = '';
    for (const choice of list.children) {
      const isActive = choice.classList.contains(highlighted);
      setOnChange(choice, 'role', 'option');
      setOnChange(choice, 'aria-selected', String(isActive));
      if (isActive && isOpen()) active = choice.id;
    }
    if (active) input.setAttribute('aria-activedescendant', active);
    else input.removeAttribute('aria-activedescendant');
  };
  tell();
  new MutationObserver(tell).observe(list, { childList: true, subtree: true, attributeFilter: ['class'] });

  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen()) {
      event.stopPropagation();
      close();
    } else if (event.key === 'Enter' && isOpen()) event.preventDefault();
    else if (/^Arrow(Down|Up)$/.test(event.key) && !isOpen()) input.click();
  });
  field.addEventListener('focusout', ({ relatedTarget }) => {
    if (!field.contains(/** @type {Node | null} */ (relatedTarget))) close();
  });
}

/** The observer would run without end if it wrote what is there already. @param {Element} element @param {string} name @param {string} value */
function setOnChange(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
