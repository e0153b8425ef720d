import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTurn, type InboundActivity } from '../../src/teams/activity.ts';

const activity: InboundActivity = {
  type: 'message',
  id: '1',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  from: { id: '29:ada', aadObjectId: 'ADA', name: 'Ada' },
  recipient: { id: '28:bot' },
  conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'tenant-1' },
};
const zoneOf = (changes: object) => findTurn({ ...activity, ...changes } as InboundActivity, 0)?.timeZone;
const clientInfo = (timezone: unknown) => [null, 'x', { type: 'mention' }, { type: 'clientInfo', timezone }];

test('a turn knows the sender’s time zone, from the activity or else from what it tells of the client', () => {
  assert.equal(zoneOf({ localTimezone: 'Europe/Berlin' }), 'Europe/Berlin');
  assert.equal(zoneOf({ entities: clientInfo('Asia/Shanghai') }), 'Asia/Shanghai');
  assert.equal(zoneOf({ localTimezone: 'Europe/Berlin', entities: clientInfo('Asia/Shanghai') }), 'Europe/Berlin');
  assert.equal(zoneOf({ localTimezone: 'Nowhere', entities: clientInfo('Asia/Shanghai') }), 'Asia/Shanghai');
});

test('a zone that nobody knows is none, whatever stands in its place', () => {
  assert.equal(zoneOf({}), undefined);
  for (const odd of ['W. Europe Standard Time', '', 5, {}, ['Europe/Berlin'], null]) {
    assert.equal(zoneOf({ localTimezone: odd }), undefined);
    assert.equal(zoneOf({ entities: clientInfo(odd) }), undefined);
    assert.equal(zoneOf({ entities: odd }), undefined);
  }
});
