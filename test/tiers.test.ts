import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { listTestFiles, placeOf, places } from '../scripts/test-tiers.ts';
import { readText } from './support/source-files.ts';

/** Effects of one file that others in its process would notice, and work that would hold them up. */
const needsOwnProcess =
  /\b(?:startRehearsal|startAda|startCrashing|startReplicas|startWholeBot|startTrackedBot|startProgram|launchChromium)\(|from '[./]+support\/started-process\.ts'|\bspawn\(|\bprocess\.(?:on|once|chdir)\(|\bprocess\.env\.\w+ = |\bglobalThis\.\w+ = |\.snapshot\(/;

suite('the tiers of the tests', () => {
  test('every test file has its place', () => {
    const homeless = listTestFiles().filter((file) => !placeOf(file));
    assert.deepEqual(homeless, [], 'Name the folder or the file in scripts/test-tiers.ts');
  });

  test('every place is there', () => {
    const gone = Object.keys(places).filter((path) => !existsSync(path));
    assert.deepEqual(gone, [], 'Take these out of scripts/test-tiers.ts');
  });

  test('no file that shares a process does what the others would notice', () => {
    const noticed = listTestFiles().flatMap((file) => {
      const found = placeOf(file) === 'shared' ? needsOwnProcess.exec(readText(file)) : null;
      return found ? [`${file}: ${found[0]}`] : [];
    });
    assert.deepEqual(noticed, [], "Say 'alone', 'slow' or 'crowded' of these in scripts/test-tiers.ts");
  });
});
