import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from '../support/source-files.ts';

/** Each lets us ship the package in the bundle, under its notice. */
const allowed = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense'];

/** Packages that do not say it as an SPDX expression in their `license`; read from the file or text named. */
const others: Readonly<Record<string, string>> = {
  cldrjs: 'MIT', // its LICENSE-MIT
  'escape-regexp-component': 'MIT', // its Readme
  jspath: 'MIT', // its LICENSE
  'json-schema': 'BSD-3-Clause', // or AFL-2.1, of our choice
};

test('every package of production has a license that allows shipping it', () => {
  const { packages } = JSON.parse(readText('package-lock.json')) as {
    packages: Record<string, { readonly dev?: boolean; readonly license?: string }>;
  };
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
  assert.ok(shipped.length > 100);
  const named = new Set<string>();
  for (const [path, { license }] of shipped) {
    const name = path.split('node_modules/').at(-1) ?? path;
    named.add(name);
    const known = others[name] ?? license;
    assert.ok(
      known && allowed.includes(known),
      `Rule: only licenses of the list are shipped.\n${name}: ${license}.\nFix: read its license; then allow it here, or do without`,
    );
  }
  for (const name of Object.keys(others)) assert.ok(named.has(name), `${name} is not shipped. Fix: remove it above`);
});
