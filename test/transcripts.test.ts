import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { suite, test } from 'node:test';
import { play } from './transcripts/play.ts';

const folder = new URL('./transcripts/', import.meta.url).pathname;
const files = globSync(`${folder}*.txt`).sort();

test('there are transcripts to replay', () => assert.ok(files.length > 0));

// Most of their time is waiting.
suite('transcripts', { concurrency: 4 }, () => {
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').split('\n');
    const title = lines.find((line) => line.startsWith('# '))?.slice(2) ?? basename(file);
    test(`${title} (${basename(file)})`, () => play(lines));
  }
});
