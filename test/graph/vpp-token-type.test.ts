import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IosVppApp, VppToken as MicrosoftVppToken } from '@microsoft/microsoft-graph-types';
import type { VppApp } from '../../src/domain/licenses.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { vppTokenSelect } from '../../src/graph/vpp.ts';

// Checked by tsc: a property Microsoft's types do not know makes these lines fail to compile.
type BetaAddition = 'displayName' | 'locationName';
type Unknown = Exclude<keyof VppToken, keyof MicrosoftVppToken | BetaAddition>;
type UnknownOfApp = Exclude<keyof VppApp, keyof IosVppApp | 'vppTokenId'>;
type LeftOut = Exclude<keyof MicrosoftVppToken, keyof VppToken>;
const noneUnknown: [Unknown, UnknownOfApp] extends [never, never] ? true : never = true;
const onlyTheSecretLeftOut: [LeftOut] extends ['token'] ? true : never = true;

const selected: Record<Exclude<keyof VppToken, BetaAddition>, true> = {
  id: true,
  organizationName: true,
  appleId: true,
  countryOrRegion: true,
  vppTokenAccountType: true,
  state: true,
  lastSyncStatus: true,
  expirationDateTime: true,
  lastSyncDateTime: true,
  lastModifiedDateTime: true,
  automaticallyUpdateApps: true,
};

test('our token is Microsoft’s but for the secret, and what is asked for is what is typed', () => {
  assert.ok(noneUnknown && onlyTheSecretLeftOut);
  assert.deepEqual(vppTokenSelect.split(',').sort(), Object.keys(selected).sort());
});
