import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { crc32, inflateRawSync } from 'node:zlib';
import { packageFiles, readEnvironment, zip } from '../../scripts/package-app.ts';

const appPackage = new URL('../../appPackage/', import.meta.url);
const variables = {
  TEAMS_APP_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f11',
  DEVELOPER_NAME: 'Contoso IT',
  PUBLIC_URL: 'https://vpp.contoso.com',
  BOT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f12',
  AAD_APP_CLIENT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f13',
};

/** An archive's files, found as unzipping tools find them: from its end, over the directory, to each entry. */
function unzipped(archive: Buffer): Map<string, Buffer> {
  const end = archive.length - 22;
  assert.equal(archive.readUInt32LE(end), 0x06054b50);
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    assert.equal(archive.readUInt32LE(at), 0x02014b50);
    const [crc, packed, size] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const entry = archive.readUInt32LE(at + 42);
    assert.equal(archive.readUInt32LE(entry), 0x04034b50);
    const start = entry + 30 + archive.readUInt16LE(entry + 26) + archive.readUInt16LE(entry + 28);
    const content = inflateRawSync(archive.subarray(start, start + packed));
    assert.deepEqual([content.length, crc32(content)], [size, crc]);
    files.set(name, content);
    at += 46 + nameLength;
  }
  assert.equal(at, end);
  return files;
}

test('the package holds the filled manifest and every file that it names, at its root', async () => {
  const files = unzipped(zip(await packageFiles(variables, appPackage)));
  const manifest = JSON.parse(String(files.get('manifest.json')));
  assert.equal(manifest.id, variables.TEAMS_APP_ID);
  const named = [manifest.icons.color, manifest.icons.outline, manifest.localizationInfo.additionalLanguages[0].file];
  assert.deepEqual([...files.keys()].sort(), ['manifest.json', ...named].sort());
});

test('the same files make the same package, and a name may have any letters', () => {
  const files = [{ name: 'ü.json', content: Buffer.from('{}') }];
  assert.deepEqual(zip(files), zip(files));
  assert.deepEqual([...unzipped(zip(files))], [['ü.json', Buffer.from('{}')]]);
  assert.equal(unzipped(zip([])).size, 0);
});

test('what is missing or not of the schema is refused in a sentence', async () => {
  await assert.rejects(packageFiles({ ...variables, BOT_ID: '' }, appPackage), {
    message: 'The manifest also needs BOT_ID.',
  });
  const DEVELOPER_NAME = 'A name of more than thirty-two characters';
  await assert.rejects(packageFiles({ ...variables, DEVELOPER_NAME }, appPackage), /not of its schema.*32/);
});

test('the shell wins over a person’s own file, and that over the environment’s', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-env-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, '.env.dev'), 'BOT_ID=file\nPUBLIC_URL=file\nDEVELOPER_NAME=file\n');
  const url = pathToFileURL(`${folder}/`);
  assert.equal(readEnvironment('dev', url, {}).PUBLIC_URL, 'file');
  writeFileSync(join(folder, '.env.dev.user'), 'BOT_ID=user\nPUBLIC_URL=user\n');
  const { BOT_ID, PUBLIC_URL, DEVELOPER_NAME } = readEnvironment('dev', url, { BOT_ID: 'shell', PUBLIC_URL: '' });
  assert.deepEqual([BOT_ID, PUBLIC_URL, DEVELOPER_NAME], ['shell', 'user', 'file']);
  assert.throws(() => readEnvironment('prod', url, {}), { message: /There is no env\/\.env\.prod/ });
  mkdirSync(join(folder, '.env.dir'));
  assert.throws(() => readEnvironment('dir', url, {}), { message: /^env\/\.env\.dir cannot be read: EISDIR/ });
});
