import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainSilentFailure } from '../../src/dialogs/sign-in.ts';

const cases: readonly [code: unknown, words: RegExp][] = [
  ['installappfailed', /not among your own apps yet/],
  ['installedappnotfound', /not among your own apps yet/],
  ['authrequestfailed', /registration does not fit \(authrequestfailed\)/],
  ['resourcematchfailed', /registration does not fit \(resourcematchfailed\)/],
  ['oauthcardnotvalid', /registration does not fit \(oauthcardnotvalid\)/],
  ['tokenmissing', /^Teams could not sign you in silently\. Press Sign in/],
  ['a code of tomorrow', /^Teams could not sign you in silently\. Press Sign in/],
  ['constructor', /^Teams could not sign you in silently\. Press Sign in/],
  [undefined, /^Teams could not sign you in silently\. Press Sign in/],
];

for (const [code, words] of cases) {
  test(`a client that fails with ${String(code)} is explained, and the button named`, () => {
    assert.match(explainSilentFailure(code, 'en'), words);
    assert.match(explainSilentFailure(code, 'en'), /[Pp]ress Sign in/);
    assert.match(explainSilentFailure(code, 'zh-CN'), /请按“登录”/);
  });
}
