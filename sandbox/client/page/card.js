// @ts-check
import { makeComboboxes } from './combobox.js';
import { element } from './element.js';
import { cardMarkdown } from './markdown.js';
import { hostConfig } from './theme.js';
import { showProblem } from './toasts.js';

/**
 * The used part of the renderer, which its own script puts on the window.
 * @typedef {{ getJsonTypeName(): string, url?: string, id?: string, title?: string, verb?: string, data?: unknown,
 *   renderedElement?: HTMLElement }} RenderedAction
 * @typedef {{ title: string, value: string }} FoundChoice
 * @typedef {{ choicesData?: { dataset: string }, choices: FoundChoice[], getFilterForDynamicSearch(): string,
 *   renderChoices(text: string, found: FoundChoice[]): void }} SearchField
 * @typedef {{ hostConfig: any, lang: unknown, onInputValueChanged: (input: SearchField) => void, onExecuteAction: (action: RenderedAction) => void, parse(content: unknown): void,
 *   render(): HTMLElement | undefined }} RenderedCard
 * @typedef {{ onProcessMarkdown: (text: string, result: { outputHtml: string, didProcess: boolean }) => void,
 *   new (): RenderedCard }} CardClass
 */
const { AdaptiveCards } =
  /** @type {{ AdaptiveCards: { AdaptiveCard: CardClass, HostConfig: new (config: unknown) => unknown } }} */ (
    /** @type {unknown} */ (window)
  );

AdaptiveCards.AdaptiveCard.onProcessMarkdown = (
  /** @type {string} */ text,
  /** @type {{ outputHtml: string, didProcess: boolean }} */ result,
) => {
  result.outputHtml = cardMarkdown(text);
  result.didProcess = true;
};

/**
 * Draws a card. `press` gets an Action.Execute whose data has the card's inputs in it, and settles when the bot has answered.
 * @param {Record<string, unknown>} content
 * `search` gets what somebody types into a field whose choices the bot finds.
 * @param {(action: import('./sandbox-api.js').Action) => Promise<import('./sandbox-api.js').PressResult | undefined>} press
 * @param {(dataset: string, text: string) => Promise<FoundChoice[]>} search
 */
export function drawCard(content, press, search) {
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = new AdaptiveCards.HostConfig(hostConfig());
  card.hostConfig.inputs.allowDynamicallyFilteredChoiceSet = true;
  card.onInputValueChanged = (input) => void offerChoices(input, search);
  const note = element('p', { className: 'card-note bad', role: 'alert', hidden: true });
  card.onExecuteAction = async (action) => {
    const type = action.getJsonTypeName();
    if (type === 'Action.OpenUrl') {
      window.open(action.url, '_blank', 'noopener,noreferrer');
      return;
    }
    // The renderer itself shows and hides what is folded.
    if (type === 'Action.ToggleVisibility') return;
    if (type !== 'Action.Execute') {
      showProblem('Only Action.Execute reaches the bot', `This card has an ${type}.`);
      return;
    }
    if (frame.ariaBusy === 'true') return;
    const { id, title, verb, data } = action;
    note.hidden = true;
    const settle = setBusy(frame, action.renderedElement);
    const result = await press({ type, id, title, verb, data });
    settle();
    if (result && !result.problem) return;
    note.textContent = 'Something went wrong. Please try again.';
    note.hidden = false;
  };
  const frame = element('div', { className: 'card', tabIndex: -1 });
  const { msteams } = /** @type {{ msteams?: { width?: string } }} */ (content);
  if (msteams?.width?.toLowerCase() === 'full') frame.classList.add('wide');
  try {
    card.parse(content);
    // The renderer forgets the language of every other card it reads, and with it how that card's dates are written.
    card.lang = content.lang;
    const rendered = card.render();
    if (!rendered) throw new Error('The renderer made nothing of it.');
    makeComboboxes(rendered);
    frame.append(rendered, note);
  } catch (error) {
    showProblem('A card cannot be shown', String(error));
    frame.append(element('p', { className: 'card-note bad' }, 'This card cannot be shown.'));
  }
  return frame;
}

/**
 * Offers what the bot finds for the typed text, as Teams does. The renderer compares titles only, so each is kept with its value.
 * @param {SearchField} input
 * @param {(dataset: string, text: string) => Promise<FoundChoice[]>} search
 */
async function offerChoices(input, search) {
  const { choicesData, choices } = input;
  const text = choicesData?.dataset && input.getFilterForDynamicSearch();
  if (!choicesData || text === undefined || choices.some(({ title }) => title === text)) return;
  const found = await search(choicesData.dataset, text);
  const fresh = found.filter(({ value }) => !choices.some((choice) => choice.value === value));
  input.renderChoices(text, fresh);
  input.choices = [...choices, ...fresh];
}

/**
 * Shows that the bot is being asked. Buttons are not disabled: that would take the keyboard's place away.
 * @param {HTMLElement} frame
 * @param {HTMLElement | undefined} pressed
 */
function setBusy(frame, pressed) {
  frame.ariaBusy = 'true';
  pressed?.classList.add('busy');
  return () => {
    frame.ariaBusy = null;
    pressed?.classList.remove('busy');
  };
}
