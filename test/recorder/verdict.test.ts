import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { judge, type Recorded } from './verdict.ts';

const sync = '/v1.0/deviceAppManagement/vppTokens/id/syncLicenses';
const post = (personOid: string, path = sync): Recorded => ({
  kind: 'graph',
  method: 'POST',
  path,
  personOid,
  rehearsal: 0,
  scopes: ['DeviceManagementServiceConfig.ReadWrite.All'],
});
const said = (personOid: string, text: string, rehearsal = 0): Recorded => ({
  kind: 'inbound',
  personOid,
  text,
  rehearsal,
});
const breachesOf = (...recorded: readonly Recorded[]) => judge([{ file: 'a.test.ts', recorded }]).breaches;

suite('the recorder of the test run', () => {
  test('takes a POST with the token of the person who asked for a sync', () => {
    assert.deepEqual(breachesOf(said('ada', '<at>VPP Sync</at> sync vpp contoso'), post('ada')), []);
    assert.deepEqual(
      breachesOf({ kind: 'inbound', personOid: 'ada', verb: 'sync/start', rehearsal: 0 }, post('ada')),
      [],
    );
  });

  test('finds a write with the app’s token', () => {
    assert.match(breachesOf(said('ada', 'sync contoso'), post('app')).join(), /carried the app's token/);
  });

  test('finds a POST with the token of somebody who asked for nothing, or in another rehearsal, or afterwards', () => {
    assert.match(breachesOf(said('ada', 'sync contoso'), post('elif')).join(), /who had not asked/);
    assert.match(breachesOf(said('ada', 'status contoso'), post('ada')).join(), /who had not asked/);
    assert.match(breachesOf(said('ada', 'sync contoso', 1), post('ada')).join(), /who had not asked/);
    assert.match(breachesOf(post('ada'), said('ada', 'sync contoso')).join(), /who had not asked/);
  });

  test('finds a write that is no sync, and permissions beyond those documented', () => {
    assert.match(breachesOf(said('ada', 'sync'), post('ada', '/beta/x/revokeLicenses')).join(), /is no sync/);
    const wide: Recorded = {
      ...post('ada'),
      method: 'GET',
      scopes: ['DeviceManagementApps.ReadWrite.All'],
    } as Recorded;
    assert.match(breachesOf(wide).join(), /came with DeviceManagementApps.ReadWrite.All/);
    const asked = { kind: 'tokenRequest', grant: 'x', scope: 'https://graph/User.Read.All', rehearsal: 0 } as const;
    assert.match(breachesOf(asked).join(), /asked for with User.Read.All/);
  });
});
