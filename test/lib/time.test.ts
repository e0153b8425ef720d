import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findTimeZone, findTimeZoneOfCity } from '../../src/lib/time.ts';

test('a zone is known by its IANA name, however its letters are written', () => {
  for (const [name, zone] of [
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['AMERICA/ARGENTINA/BUENOS_AIRES', 'America/Argentina/Buenos_Aires'],
    ['America/Port_of_Spain', 'America/Port_of_Spain'],
    ['asia/kolkata', 'Asia/Kolkata'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['utc', 'UTC'],
    ['Etc/UTC', 'UTC'],
    ['GMT', 'UTC'],
  ] as const)
    assert.equal(findTimeZone(name), zone, name);
});

test('what is no IANA name is no zone', () => {
  for (const name of [
    '',
    'Berlin',
    'CET',
    '+01:00',
    'UTC+1',
    'W. Europe Standard Time',
    'Europe/Atlantis',
    '../etc',
    'Z',
  ])
    assert.equal(findTimeZone(name), undefined, name);
});

test('every accepted zone can be used to format a time', () => {
  const names = fc.oneof(fc.constantFrom(...Intl.supportedValuesOf('timeZone')), fc.string());
  fc.assert(
    fc.property(names, (name) => {
      const zone = findTimeZone(name);
      if (zone !== undefined) assert.ok(new Intl.DateTimeFormat('en', { timeZone: zone }).format(0));
    }),
  );
});

test('a city alone leads to its zone when one zone alone is called after it', () => {
  assert.equal(findTimeZoneOfCity('Berlin'), 'Europe/Berlin');
  assert.equal(findTimeZoneOfCity('new york'), 'America/New_York');
  assert.equal(findTimeZoneOfCity('Contoso'), undefined);
  assert.equal(findTimeZoneOfCity(''), undefined);
});
