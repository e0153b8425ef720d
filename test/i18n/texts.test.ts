import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textsFor } from '../../src/i18n/texts.ts';

const list = ['ARG', 'ARG'];

/** The argument that a text is given for a parameter of that name, besides `…Ms`, `…Days` and `…Count`. One that is not here takes words. */
const examples: Readonly<Record<string, unknown>> = {
  since: 86_400_000,
  at: 86_400_000,
  done: 2,
  run: 2,
  used: 2,
  completed: 2,
  checked: 2,
  tokens: 2,
  total: 3,
  entry: 1234,
  limit: 4000,
  scopes: list,
  roles: list,
};

function exampleFor(name: string): unknown {
  if (/(?:^m|M)s$/.test(name)) return 61_000;
  return /(?:^d|D)ays$|(?:^c|C)ount$/.test(name) ? 2 : (examples[name] ?? 'ARG');
}

function parametersOf(text: (...parameters: never[]) => unknown): string[] {
  const [, names = ''] = /^\(([^)]*)\)/.exec(String(text)) ?? assert.fail(`not an arrow function: ${text}`);
  return names.split(',').map((name) => name.trim());
}

/** Every text by its path; what a function makes is under the function's own path. */
function* textsOf(value: unknown, path = ''): Generator<[string, string]> {
  if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'function') yield* textsOf(value(...parametersOf(value as never).map(exampleFor)), path);
  else for (const [key, item] of Object.entries(value as object)) yield* textsOf(item, path ? `${path}.${key}` : key);
}

test('both languages have the same texts, and none is empty but those meant to be', () => {
  const en = new Map(textsOf(textsFor('en')));
  const zh = new Map(textsOf(textsFor('zh-CN')));
  assert.deepEqual([...zh.keys()].sort(), [...en.keys()].sort());
  for (const [path, text] of [...en, ...zh]) assert.ok(text !== '' || path === 'state.advice.expiresSoon.cause', path);
});

test('what a text is given is in it in both languages', () => {
  const english = new Map(textsOf(textsFor('en')));
  for (const [path, text] of textsOf(textsFor('zh-CN'))) {
    assert.equal(text.split('ARG').length, english.get(path)?.split('ARG').length, path);
    for (const said of [text, english.get(path) ?? ''])
      assert.doesNotMatch(
        said,
        /undefined|NaN|\[object/,
        `${path}: name a parameter that takes no words as exampleFor knows it, such as “withinDays”`,
      );
  }
});

test('Chinese is Chinese', () => {
  const without = [
    'alerts.summary',
    'card.label.appleId',
    'card.change',
    'card.labelled',
    'card.summary',
    'list.separator',
    'state.advice.expiresSoon.cause',
  ];
  for (const [path, text] of textsOf(textsFor('zh-CN'))) {
    if (!without.includes(path)) assert.match(text, /\p{Script=Han}/u, `${path}: ${text}`);
  }
});

test('button titles in English are those of the wire contract', () => {
  assert.deepEqual(Object.values(textsFor('en').buttons), [
    'Sync now',
    'Refresh',
    'Licences',
    'Renew',
    'History',
    'Continue',
    'Sign in',
    'Apply',
    'Cancel',
    'Acknowledge',
    'Snooze',
    'Run again',
    'Undo',
    'Previous',
    'Next',
    'Open alerts',
    'Settings',
    'Save',
  ]);
});

test('a refusal names role, licence and scope tags, because Intune does not say which', () => {
  const { cause } = textsFor('en').errors.graph.forbidden;
  for (const word of ['role', 'licence', 'scope tags']) assert.ok(cause.includes(word));
});

test('a missing scope is named', () => {
  const scopes = ['DeviceManagementServiceConfig.ReadWrite.All', 'DeviceManagementApps.Read.All'];
  for (const locale of ['en', 'zh-CN'] as const) {
    const { cause } = textsFor(locale).errors.graph.missingScope(scopes);
    for (const scope of scopes) assert.ok(cause.includes(scope));
  }
});

test('renewing never reads as deleting the token', () => {
  for (const locale of ['en', 'zh-CN'] as const) {
    const { advice } = textsFor(locale).state;
    for (const { next } of [advice.expired, advice.invalid, advice.expiresSoon])
      assert.match(next, /Do not delete the token|请勿删除令牌/);
  }
});
