import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { readText, root } from '../support/source-files.ts';

const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });
const named =
  /`(?<path>(?:src|sandbox|test|scripts|bench|docs|env|adaptiveCards|appPackage|deploy|infra)\/[\w./*-]+)`|\]\((?<link>[\w./-]*)(?:#(?<heading>[\w-]+))?\)/g;
/** As GitHub makes them of a document's headings. */
const anchorsOf = (document: string) =>
  [...readText(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
/** A place that the reader or a script makes, such as `src/cards/x-card.ts`. */
const isExample = (path: string) => /\/x-|^appPackage\/build\/|\.user$/.test(path);

suite('the files that documents name are there:', () => {
  for (const document of documents) {
    test(document, () => {
      for (const { groups } of readText(document).matchAll(named)) {
        const path = groups?.path ?? (groups?.link ? join(dirname(document), groups.link) : document);
        if (groups?.heading)
          assert.ok(
            anchorsOf(path).includes(groups.heading),
            `${document} names #${groups.heading} of ${path}, which is not there`,
          );
        if (isExample(path)) continue;
        assert.ok(globSync(path, { cwd: root }).length > 0, `${document} names ${path}, which is not there`);
      }
    });
  }
});
