import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';

/** Our own pictures only: 8-bit RGBA, no filter, one data chunk. */
function readPng(name: string) {
  const bytes = readFileSync(new URL(`../../appPackage/${name}`, import.meta.url));
  assert.equal(bytes.subarray(1, 4).toString('latin1'), 'PNG');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  assert.equal(bytes.subarray(37, 41).toString('latin1'), 'IDAT');
  const lines = inflateSync(bytes.subarray(41, 41 + bytes.readUInt32BE(33)));
  const pixels = Array.from({ length: width * height }, (_, index) => {
    const at = Math.floor(index / width) * (width * 4 + 1) + 1 + (index % width) * 4;
    return [...lines.subarray(at, at + 4)];
  });
  return { width, height, pixels };
}

test('the colour icon is 192 by 192 and opaque to its edge', () => {
  const { width, height, pixels } = readPng('color.png');
  assert.deepEqual([width, height], [192, 192]);
  assert.ok(pixels.every(([, , , alpha]) => alpha === 255));
  assert.ok(new Set(pixels.map(String)).size > 2);
});

test('the outline icon is 32 by 32, white on transparent', () => {
  const { width, height, pixels } = readPng('outline.png');
  assert.deepEqual([width, height], [32, 32]);
  assert.ok(pixels.every(([red, green, blue]) => red === 255 && green === 255 && blue === 255));
  assert.ok(pixels.some(([, , , alpha]) => alpha === 0) && pixels.some(([, , , alpha]) => alpha === 255));
});
