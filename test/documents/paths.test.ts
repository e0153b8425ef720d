import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { readText, root } from '../support/source-files.ts';

const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });
const named =
  /`(?<path>(?:src|sandbox|test|scripts|bench|docs|env|adaptiveCards|appPackage|deploy|infra)\/[\w./*-]+)`|\]\((?<link>[\w./-]+)\)/g;
/** A place that the reader makes, such as `src/cards/x-card.ts`. */
const isExample = (path: string) => /\/x-/.test(path);

suite('the files that documents name are there:', () => {
  for (const document of documents) {
    test(document, () => {
      for (const { groups } of readText(document).matchAll(named)) {
        const path = groups?.path ?? join(dirname(document), groups?.link ?? '');
        if (isExample(path)) continue;
        assert.ok(globSync(path, { cwd: root }).length > 0, `${document} names ${path}, which is not there`);
      }
    });
  }
});
