import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clouds } from '../../src/clouds.ts';
import { delegatedPermissions, delegatedScopes, monitoringRoles } from '../../src/graph/vpp.ts';
import { readText } from '../source-files.ts';

test('writes every scope with its cloud’s Graph root', () => {
  for (const cloud of Object.values(clouds)) {
    assert.deepEqual(delegatedScopes(cloud), [
      `${cloud.graphRoot}/DeviceManagementServiceConfig.ReadWrite.All`,
      `${cloud.graphRoot}/DeviceManagementApps.Read.All`,
    ]);
  }
});

test('monitoring needs no role that can write', () => {
  for (const role of monitoringRoles) assert.match(role, /\.Read\.All$/);
});

test('docs/permissions.md names exactly the permissions that the code asks for', () => {
  const rows = [...readText('docs/permissions.md').matchAll(/^\| `(?<name>[\w.]+)` \| (?<kind>[\w ]+?) \|/gm)];
  const documented = (kind: string) =>
    rows.flatMap(({ groups }) => (groups?.kind === kind ? [groups.name ?? ''] : [])).toSorted();
  assert.deepEqual(documented('delegated'), [...delegatedPermissions].toSorted());
  assert.deepEqual(documented('application'), [...monitoringRoles].toSorted());
});
