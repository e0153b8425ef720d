// @ts-check

/**
 * Enter sends, Shift+Enter begins a new line; the box grows with its text.
 * @param {HTMLFormElement} form holding one textarea
 * @param {(text: string) => void} onSend
 */
export function startComposeBox(form, onSend) {
  const words = form.querySelector('textarea');
  if (!words) throw new Error('A compose box needs a textarea.');
  const fit = () => {
    words.style.height = 'auto';
    words.style.height = `${words.scrollHeight}px`;
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = words.value.trim();
    if (text === '') return;
    words.value = '';
    fit();
    onSend(text);
  });
  words.addEventListener('input', fit);
  words.addEventListener('keydown', (event) => {
    // While a Chinese word is being put together, Enter belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
