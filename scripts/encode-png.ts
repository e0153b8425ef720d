import { crc32, deflateSync } from 'node:zlib';

/** Red, green, blue and alpha, each from 0 to 255. */
export type Pixel = readonly [number, number, number, number];

/** A square picture as a PNG of 8-bit RGBA. */
export function encodePng(side: number, pixelAt: (column: number, row: number) => Pixel): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // Bit depth 8, colour type 6 (RGBA), then the only compression, filter and interlace that are wanted: 0.
  header.set([8, 6, 0, 0, 0], 8);
  const lines = Array.from({ length: side }, (_, row) => [
    0,
    ...Array.from({ length: side }, (__, column) => pixelAt(column, row)).flat(),
  ]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(lines.flat()), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
