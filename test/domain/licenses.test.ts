import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appChangesBetween } from '../../src/domain/licenses.ts';

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

test('equally large changes stand in the order of their names', () => {
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
