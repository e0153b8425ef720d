import type { Locale } from '../domain/turn.ts';
import { createSecret, type RandomBytes } from '../lib/ids.ts';
import { codeHint, type PageFills, type PageWord, pageReference, pageWords } from './page-words.ts';

/** An HTTP answer, whatever the framework. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why a sign-in was refused, for the log; never shown and free of tokens, codes and secrets. */
  readonly detail?: string;
  /** Stands in the log and on the page. */
  readonly reference?: string;
}

export interface Page {
  readonly status: number;
  readonly word: PageWord;
  /** Both languages when nobody knows the reader's. */
  readonly locale?: Locale;
  readonly fills?: Partial<PageFills>;
  readonly detail?: string;
  /** Of a refusal. */
  readonly reference?: string;
  /** The one-time code and the scripts that hand it to the Teams client. */
  readonly handover?: { readonly code: string; readonly scripts: readonly string[] };
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,"Segoe UI","Microsoft YaHei",sans-serif}
body{margin:0;display:grid;min-height:100vh;place-items:center;background:Canvas;color:CanvasText}
main{max-width:30rem;padding:2rem}h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:0 0 1rem}
code{display:inline-block;padding:.4rem .7rem;border:1px solid GrayText;border-radius:.3rem;font-size:1.05rem;user-select:all;overflow-wrap:anywhere}`;

/** A small page in words for people. It may load and reach nothing, cannot be framed, is not kept and leaks no address. */
export function renderPage(page: Page, random?: RandomBytes): PageAnswer {
  const { status, word, locale, handover, detail, reference } = page;
  const nonce = createSecret(16, random);
  const locales: readonly Locale[] = locale ? [locale] : ['en', 'zh-CN'];
  const sections = locales.map((language) => renderSection(page, language));
  const title = pageWords[locales[0] ?? 'en'][word](fillsOf(page)).title;
  const scripts = (handover?.scripts ?? []).map((script) => `<script nonce="${nonce}">${script}</script>\n`);
  const body = `<!doctype html>
<html lang="${locales[0]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body${handover ? ` data-state="${escapeHtml(handover.code)}"` : ''}>
<main>
${sections.join('\n')}
</main>
${scripts.join('')}</body>
</html>
`;
  return {
    ...{ status, headers: pageHeaders(nonce), body },
    ...(detail !== undefined && { detail }),
    ...(reference !== undefined && { reference }),
  };
}

/** Headers of everything under /auth: these addresses carry codes. */
export const privateHeaders = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

// No Cross-Origin-Opener-Policy: the Teams client that opened the window must be reachable from it.
function pageHeaders(nonce: string): Readonly<Record<string, string>> {
  return {
    ...privateHeaders,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy':
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; ` +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  };
}

function renderSection(page: Page, locale: Locale): string {
  const { title, text } = pageWords[locale][page.word](fillsOf(page));
  const code = page.handover ? `<p>${codeHint[locale]}</p><p><code>${escapeHtml(page.handover.code)}</code></p>` : '';
  const reference = page.reference ? `<p>${escapeHtml(pageReference[locale](page.reference))}</p>` : '';
  return `<section lang="${locale}"><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${code}${reference}</section>`;
}

function fillsOf({ fills }: Page): PageFills {
  return { name: fills?.name ?? '', code: fills?.code ?? '' };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
