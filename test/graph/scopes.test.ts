import assert from 'node:assert/strict';
import test from 'node:test';
import { clouds } from '../../src/clouds.ts';
import { delegatedScopes, monitoringRoles } from '../../src/graph/scopes.ts';

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
