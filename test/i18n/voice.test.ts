import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSourceFiles, readText } from '../support/source-files.ts';

/** The words between quotes of a chapter, each with its line. */
function* textsOf(file: string): Generator<[string, string]> {
  for (const [index, line] of readText(file).split('\n').entries()) {
    if (/^\s*(?:\/\*|\*|\/\/|import)/.test(line)) continue;
    for (const [, text = ''] of line.matchAll(/['`]([^'`]*)['`]/g)) yield [`${file}:${index + 1}`, text];
  }
}

const refused = {
  en: [
    /\bmend/i,
    /among it\b/,
    /\btold of\b/,
    /\bstands? for\b/,
    /\b(?:of|by) itself\b/,
    /\banew\b/,
    /whoever operates/i,
    /in good order/,
    /\bfor long\b/i,
    /\bgo(?:es)? on\b/i,
    /just now/,
    /some minutes/,
    /\bany more\b/,
    /who you are to me/i,
    /\d %/,
  ],
  'zh-CN': [/[。，；：！？、] /, /秒钟/, /商业/, /我所知道的/, /谁做过什么/, /按下/, /\p{Script=Han}[,;!?]/u],
} as const;

for (const locale of ['en', 'zh-CN'] as const) {
  test(`no text in ${locale} has the words that docs/voice.md refuses`, () => {
    for (const { path } of listSourceFiles(`src/i18n/${locale}/*.ts`)) {
      for (const [place, text] of textsOf(path)) {
        for (const words of refused[locale])
          assert.doesNotMatch(text, words, `${place}: ${text}\nFix: say it as docs/voice.md does`);
      }
    }
  });
}

test('no page that the bot serves has them', () => {
  for (const path of ['src/identity/page.ts', 'src/identity/auth-pages.ts', 'src/teams/public-pages.ts']) {
    for (const words of refused.en) assert.doesNotMatch(readText(path), words, path);
  }
});

test('no log line has them', () => {
  for (const { path, text } of listSourceFiles('src/**/*.ts')) {
    for (const [, line = ''] of text.matchAll(/\blog\.(?:info|warn|error|fatal)\([^;]*?['`]([^'`]{8,})['`],?\s*\)/g)) {
      for (const words of refused.en) assert.doesNotMatch(line, words, `${path}: ${line}`);
    }
  }
});

test('no page for people has them', () => {
  const pages = listSourceFiles('*.md', 'docs/**/*.md').filter(({ path }) => !path.endsWith('voice.md'));
  assert.ok(pages.length > 15);
  for (const { path, text } of pages) {
    for (const [index, line] of text.split('\n').entries()) {
      // Tests keep their names, which are quoted.
      const own = line.replaceAll(/“[^”]*”|`[^`]*`/g, '');
      for (const words of refused.en) assert.doesNotMatch(own, words, `${path}:${index + 1}`);
    }
  }
});
