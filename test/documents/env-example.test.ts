import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variableNames } from '../../src/config.ts';
import { readText } from '../support/source-files.ts';

const file = 'env/.env.example';

/** Each variable with the comment lines right above it; a variable may itself be commented out (`# NAME=`). */
function documented(): Map<string, string> {
  const found = new Map<string, string>();
  let comment = '';
  for (const line of readText(file).split('\n')) {
    const name = /^(?:#\s?)?(?<name>[A-Z][A-Z0-9_]+)=/.exec(line)?.groups?.name;
    if (name) {
      assert.ok(!found.has(name), `${file} names ${name} twice. Fix: keep one`);
      found.set(name, comment);
    } else if (line.startsWith('#')) comment += line.slice(1);
    else comment = '';
  }
  return found;
}

test('every variable of the configuration is documented in env/.env.example, and nothing else is', () => {
  assert.deepEqual(
    [...documented().keys()].toSorted(),
    [...variableNames].toSorted(),
    `Rule: ${file} and src/config.ts name the same variables.\nFix: add or remove the variable's line`,
  );
});

test('every variable in env/.env.example has a comment above it', () => {
  for (const [name, comment] of documented()) {
    assert.ok(comment.trim().length >= 10, `Rule: a variable is explained.\n${name} is not.\nFix: write why and what`);
  }
});
