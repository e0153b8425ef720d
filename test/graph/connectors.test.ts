import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKind } from '../../src/domain/connector.ts';
import { isStale, troubleOf } from '../../src/domain/token.ts';
import { parseEnrollmentToken, parsePushCertificate } from '../../src/graph/connectors.ts';

const triggered = '2026-11-30T10:00:00Z';
const successful = '2026-11-30T09:00:00Z';
const enrollment = (more: object) =>
  parseEnrollmentToken({ id: 'c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e02', tokenName: 'Office iPhones', ...more });

test('a push certificate is read bare and wrapped, without its certificate, and not at all where none was uploaded', () => {
  const row = {
    id: 'x',
    appleIdentifier: 'mdm@contoso.example.com',
    expirationDateTime: '2027-01-14T00:00:00Z',
    certificate: 'secret',
  };
  const read = {
    id: 'push',
    appleId: 'mdm@contoso.example.com',
    state: 'valid',
    lastSyncStatus: 'none',
    expirationDateTime: '2027-01-14T00:00:00Z',
  };
  assert.deepEqual(parsePushCertificate(row), read);
  assert.deepEqual(parsePushCertificate({ value: row }), read);
  for (const nothing of [{}, { value: {} }, { expirationDateTime: '0001-01-01T00:00:00Z' }, undefined])
    assert.equal(parsePushCertificate(nothing), undefined);
});

test('the sync of an enrolment token is told by its dates and its error code', () => {
  const status = (more: object) => enrollment(more)?.lastSyncStatus;
  assert.equal(status({}), 'none');
  assert.equal(status({ lastSyncTriggeredDateTime: '0001-01-01T00:00:00Z', lastSyncErrorCode: 0 }), 'none');
  assert.equal(status({ lastSuccessfulSyncDateTime: successful, lastSyncErrorCode: 0 }), 'completed');
  const both = { lastSuccessfulSyncDateTime: successful, lastSyncTriggeredDateTime: triggered };
  assert.equal(status({ ...both, lastSyncErrorCode: 0 }), 'inProgress');
  assert.equal(status({ ...both, lastSyncErrorCode: 3013 }), 'failed');
  assert.equal(status({ ...both, lastSyncTriggeredDateTime: successful, lastSyncErrorCode: 0 }), 'completed');
  assert.deepEqual(enrollment({ tokenType: 'appleSchoolManager', tokenExpirationDateTime: triggered }), {
    id: 'ade:c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e02',
    displayName: 'Office iPhones',
    vppTokenAccountType: 'education',
    state: 'valid',
    lastSyncStatus: 'none',
    expirationDateTime: triggered,
  });
  for (const id of [undefined, '', '../x']) assert.equal(enrollment({ id }), undefined);
});

test('a push certificate, which is never synced, is not stale for it', () => {
  const push = parsePushCertificate({ expirationDateTime: '2027-11-14T00:00:00Z' });
  assert.ok(push);
  const now = Date.parse(triggered);
  assert.deepEqual([isStale(push, now), troubleOf(push, now)], [false, 'fine']);
});

test('a text says its kind first, and means a VPP token where it says none', () => {
  const expected: readonly [string, string, string][] = [
    ['push', 'push', ''],
    ['Push Certificate', 'push', ''],
    ['推送证书', 'push', ''],
    ['ade office', 'ade', 'office'],
    ['enrolment token Office iPhones', 'ade', 'Office iPhones'],
    ['注册 仓库', 'ade', '仓库'],
    ['ade:c81d2e07', 'ade', 'ade:c81d2e07'],
    ['contoso', 'vpp', 'contoso'],
    ['pushkin', 'vpp', 'pushkin'],
    ['adelaide', 'vpp', 'adelaide'],
  ];
  for (const [asked, kind, name] of expected) assert.deepEqual(readKind(asked), { kind, name }, asked);
});
