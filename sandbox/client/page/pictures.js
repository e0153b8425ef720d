// @ts-check
import { element } from './element.js';

// Elements that Teams draws and the open-source renderer does not know. Where they are not registered, it draws their fallback, as
// older clients do.

/**
 * The used part of the renderer.
 * @typedef {{ internalParse(source: unknown, context: unknown): void }} Drawn
 * @typedef {{ CardElement: new () => Drawn, GlobalRegistry: { elements: {
 *   register(name: string, made: unknown): void, unregister(name: string): void } } }} Registry
 * @typedef {Record<string, any>} Source
 */
const renderer = /** @type {Registry} */ (/** @type {any} */ (window).AdaptiveCards);
const kept = 'rehearsal-plain';

/** True while cards are drawn as by a client that does not know these elements. */
export const isPlain = () => localStorage.getItem(kept) === 'yes';

/** @param {boolean} plain */
export function setPlain(plain) {
  if (plain) localStorage.setItem(kept, 'yes');
  else localStorage.removeItem(kept);
  registerPictures();
}

export function registerPictures() {
  for (const [name, draw] of Object.entries(pictures)) {
    renderer.GlobalRegistry.elements.unregister(name);
    if (!isPlain()) renderer.GlobalRegistry.elements.register(name, pictureClass(name, draw));
  }
}

/** @param {string} name @param {(source: Source) => HTMLElement} draw */
function pictureClass(name, draw) {
  return class extends renderer.CardElement {
    getJsonTypeName() {
      return name;
    }

    /** @param {Source} source @param {unknown} context */
    internalParse(source, context) {
      super.internalParse(source, context);
      this.source = source;
    }

    internalRender() {
      return draw(this.source ?? {});
    }
  };
}

/** @type {Record<string, (source: Source) => HTMLElement>} */
const pictures = {
  ProgressBar({ value, max = 100, color }) {
    const bar = element('div', { className: `progress ${tone(color)}`, role: 'progressbar', 'aria-label': 'Progress' });
    const done = element('div', { className: 'progress-done' });
    bar.append(done);
    if (value === undefined) bar.classList.add('endless');
    else {
      bar.setAttribute('aria-valuemin', '0');
      bar.setAttribute('aria-valuemax', String(max));
      bar.setAttribute('aria-valuenow', String(value));
      done.style.width = `${(100 * value) / max}%`;
    }
    return bar;
  },
  'Chart.VerticalBar'({ title, data }) {
    const most = Math.max(1, ...data.map((/** @type {Source} */ { y }) => y));
    const bars = data.map((/** @type {Source} */ { x, y, color }) => {
      const bar = element('div', { className: `chart-bar ${tone(color)}` });
      bar.style.height = `${(100 * y) / most}%`;
      return element(
        'div',
        { className: 'chart-column' },
        element('span', {}, y > 0 ? String(y) : ''),
        element('div', { className: 'chart-height' }, bar),
        element('span', {}, x),
      );
    });
    return figure(title, data.map((/** @type {Source} */ { x, y }) => `${x}: ${y}`).join(', '), 'chart-columns', bars);
  },
  'Chart.HorizontalBar.Stacked'({ title, data }) {
    /** @type {Source[]} */
    const parts = data.flatMap((/** @type {Source} */ row) => row.data);
    const bars = parts.map(({ value, color }) => {
      const part = element('div', { className: `chart-part ${tone(color)}` });
      part.style.flexGrow = String(value);
      return part;
    });
    return figure(title, parts.map(({ legend, value }) => `${legend}: ${value}`).join(', '), 'chart-stack', bars);
  },
};

/** @param {string} title @param {string} said @param {string} className @param {HTMLElement[]} bars */
function figure(title, said, className, bars) {
  const drawing = element('div', { className, role: 'img', 'aria-label': said }, ...bars);
  return element('div', { className: 'chart' }, element('div', { className: 'chart-title' }, title), drawing);
}

/** @param {unknown} color */
const tone = (color) => `tone-${String(color ?? 'accent').toLowerCase()}`;
