/** A small page of the Entra stand-in, light and dark; `body` is HTML already. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="where">Rehearsal sign-in · no password, no real account</p>
${body}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --page: #f3f2f1; --box: #fff; --text: #242424; --soft: #5c5c5c; --line: #d1d1d1;
  --accent: #4f52b2; --onAccent: #fff; --note: #f0f0fa; }
@media (prefers-color-scheme: dark) { :root { --page: #141414; --box: #242424; --text: #f5f5f5; --soft: #bdbdbd;
  --line: #525252; --accent: #aeb1f5; --onAccent: #1b1b3a; --note: #2c2d4a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page);
  color: var(--text); font: 15px/1.45 "Segoe UI", system-ui, sans-serif; }
main { width: min(28rem, 100%); padding: 1.5rem; background: var(--box); border: 1px solid var(--line); border-radius: 8px; }
h1 { margin: 0 0 .25rem; font-size: 1.35rem; font-weight: 600; }
p { margin: 0 0 1rem; }
.where, small { color: var(--soft); font-size: .85rem; }
fieldset { margin: 0 0 1rem; padding: 0; border: 0; }
legend { padding: 0; margin-bottom: .4rem; font-weight: 600; }
label { display: flex; gap: .7rem; align-items: center; padding: .35rem .7rem; border: 1px solid var(--line);
  border-radius: 6px; margin-bottom: .35rem; line-height: 1.3; cursor: pointer; }
label:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
label small { overflow-wrap: anywhere; }
input { accent-color: var(--accent); }
.note { padding: .7rem .9rem; border-radius: 6px; background: var(--note); margin-bottom: 1rem; }
.note ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.buttons { display: flex; gap: .6rem; justify-content: flex-end; }
button { font: inherit; padding: .45rem 1.1rem; border-radius: 6px; border: 1px solid var(--line); background: none;
  color: inherit; cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--onAccent); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code { font-size: .85rem; overflow-wrap: anywhere; }
`;
