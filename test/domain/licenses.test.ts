import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { appChangesBetween, appsOfToken, type VppApp } from '../../src/domain/licenses.ts';
import type { VppToken } from '../../src/domain/token.ts';

const app = (id: string, used: number, total: number, name = `App ${id}`) => ({ id, name, used, total });

test('apps that came, went or have other licences are changes; the rest is not', () => {
  const changes = appChangesBetween(
    [app('same', 1, 2), app('gone', 3, 40), app('more', 5, 10), app('in use', 5, 10)],
    [app('same', 1, 2), app('more', 5, 110), app('in use', 6, 10), app('new', 0, 25), app('free', 0, 0)],
  );
  assert.deepEqual(changes, [
    { what: 'app', id: 'more', name: 'App more', before: { used: 5, total: 10 }, after: { used: 5, total: 110 } },
    { what: 'app', id: 'gone', name: 'App gone', before: { used: 3, total: 40 } },
    { what: 'app', id: 'new', name: 'App new', after: { used: 0, total: 25 } },
    { what: 'app', id: 'in use', name: 'App in use', before: { used: 5, total: 10 }, after: { used: 6, total: 10 } },
    { what: 'app', id: 'free', name: 'App free', after: { used: 0, total: 0 } },
  ]);
});

test('an app is the same by its id, and goes by its newest name', () => {
  const [change] = appChangesBetween([app('a', 1, 2, 'Old')], [app('a', 2, 2, 'New')]);
  assert.equal(change?.name, 'New');
  assert.deepEqual(appChangesBetween([app('a', 1, 2, 'Old')], [app('a', 1, 2, 'New')]), []);
});

test('equally large changes are in the order of their names', () => {
  const names = ['Zebra', 'Äpfel', 'Mango'];
  const changes = appChangesBetween(
    [],
    names.map((name) => app(name, 0, 5, name)),
  );
  assert.deepEqual(
    changes.map(({ name }) => name),
    ['Äpfel', 'Mango', 'Zebra'],
  );
});

suite('apps of a token', () => {
  const token = (id: string, more: Partial<VppToken> = {}): VppToken => ({
    id,
    appleId: 'vpp@contoso.example',
    organizationName: 'Contoso',
    state: 'valid',
    lastSyncStatus: 'completed',
    ...more,
  });
  const app = (id: string, more: Partial<VppApp> = {}): VppApp => ({
    id,
    displayName: 'Outlook',
    usedLicenseCount: 40,
    totalLicenseCount: 50,
    vppTokenAppleId: 'vpp@contoso.example',
    vppTokenOrganizationName: 'Contoso',
    ...more,
  });

  test('joins by Apple ID and organisation, exactly enough when no other token has both', () => {
    const one = token('t-1', { appleId: 'VPP@contoso.example' });
    const apps = [
      app('a'),
      app('b', { vppTokenAppleId: 'else@contoso.example' }),
      app('c', { vppTokenOrganizationName: 'X' }),
    ];
    const others = [token('t-2', { organizationName: 'X' }), token('t-3', { appleId: 'else@contoso.example' })];
    assert.deepEqual(appsOfToken(apps, one, [one, ...others]), { apps: [apps[0]], approximate: false });
  });

  test('is approximate when several tokens share both', () => {
    const one = token('t-1');
    assert.deepEqual(appsOfToken([app('a')], one, [one, token('t-2')]), { apps: [app('a')], approximate: true });
  });

  test('is exact where the app names its token, even when several share both', () => {
    const [one, two] = [token('t-1'), token('t-2')];
    const apps = [app('a', { vppTokenId: 't-1' }), app('b', { vppTokenId: 't-2' })];
    assert.deepEqual(appsOfToken(apps, one, [one, two]), { apps: [apps[0]], approximate: false });
    assert.deepEqual(appsOfToken(apps, two, [one, two]), { apps: [apps[1]], approximate: false });
  });

  test('guesses nothing for a token without an Apple ID, and says that it does not know', () => {
    const { appleId: _appleId, ...nameless } = token('t-1');
    const { vppTokenAppleId: _id, ...unowned } = app('a');
    assert.deepEqual(appsOfToken([unowned], nameless, [nameless]), { apps: [], approximate: true });
    assert.deepEqual(appsOfToken([], nameless, [nameless]), { apps: [], approximate: false });
  });
});
