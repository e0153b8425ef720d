import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeApps, createAppOwners } from '../../src/alerts/read-tenant.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { tokenOf } from '../store/alert-samples.ts';

const account = { appleId: 'vpp@contoso.example.com', organizationName: 'Contoso' };
const sharing = (id: string): VppToken => tokenOf(id, account);
const app = (id: string, more: Partial<VppApp> = {}): VppApp => ({
  ...{ id, displayName: id, usedLicenseCount: 1, totalLicenseCount: 2 },
  ...{ vppTokenAppleId: account.appleId, vppTokenOrganizationName: account.organizationName },
  ...more,
});

/** `token: app, app`, with a question mark where it is approximate. */
const told = (apps: readonly VppApp[], tokens: readonly VppToken[]) =>
  [...attributeApps(apps, tokens)].map(
    ([id, { apps: own, isApproximate }]) => `${id}${isApproximate ? '?' : ''}: ${own.map(({ name }) => name)}`,
  );

test('an app belongs to the one token of its account', () => {
  const tokens = [sharing('b'), tokenOf('a')];
  assert.deepEqual(told([app('x'), app('y'), app('of nobody', { vppTokenAppleId: 'else' })], tokens), [
    'b: x,y',
    'a: ',
  ]);
  const [counts] = attributeApps([app('x', { displayName: '门店盘点' })], tokens).get('b')?.apps ?? [];
  assert.deepEqual(counts, { name: '门店盘点', used: 1, total: 2 });
});

test('apps of tokens that share an account are told once, of the token with the lowest id, in whatever order', () => {
  const tokens = ['c', 'a', 'b'].map(sharing);
  assert.deepEqual(told([app('x'), app('y')], tokens), ['c: ', 'a?: x,y', 'b: ']);
  assert.deepEqual(told([app('y'), app('x')], tokens.toReversed()), ['b: ', 'a?: y,x', 'c: ']);
});

test('apps that name their token are that token’s, beside others that do not', () => {
  const tokens = ['a', 'b'].map(sharing);
  const apps = [app('x', { vppTokenId: 'b' }), app('y')];
  assert.deepEqual(told(apps, tokens), ['a?: y', 'b: x']);
  assert.deepEqual(told([app('x', { vppTokenId: 'b' })], tokens), ['a: ', 'b: x']);
});

test('a token without an Apple ID has no apps but those that name it', () => {
  const { appleId: _, ...nameless } = tokenOf('a');
  const { vppTokenAppleId: __, ...unowned } = app('x');
  assert.deepEqual(told([unowned, app('y', { vppTokenId: 'a' })], [nameless]), ['a: y']);
});

test('is quick with as many tokens and apps as a tenant may have, one account or many', () => {
  const tokens = Array.from({ length: 3000 }, (_, n) => (n % 2 ? sharing(`s${n}`) : tokenOf(`t${n}`)));
  const apps = Array.from({ length: 15_000 }, (_, n) =>
    n % 3 ? app(`x${n}`) : app(`x${n}`, { vppTokenAppleId: `t${n % 3000}@contoso.example.com` }),
  );
  const startedAt = performance.now();
  const attributed = attributeApps(apps, tokens);
  assert.ok(performance.now() - startedAt < 2_000);
  assert.equal(attributed.get('s1')?.apps.length, 10_000);
});

test('an app goes on belonging to the token it named, while beta does not answer', () => {
  const owners = createAppOwners();
  const named = app('x', { vppTokenId: 'b' });
  assert.deepEqual(owners.complete('tenant', [app('x')]), [app('x')]);
  assert.deepEqual(owners.complete('tenant', [named, app('y')]), [named, app('y')]);
  assert.deepEqual(owners.complete('tenant', [app('x'), app('y')]), [named, app('y')]);
  assert.deepEqual(owners.complete('tenant', [app('x')]), [named]);
  assert.deepEqual(owners.complete('other tenant', [app('x')]), [app('x')]);
  const moved = app('x', { vppTokenId: 'c' });
  owners.complete('tenant', [moved]);
  assert.deepEqual(owners.complete('tenant', [app('x')]), [moved]);
});
