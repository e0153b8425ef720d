import { crc32, deflateSync, inflateSync } from 'node:zlib';

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

const mostColors = 16;

/** Chromium's screenshot (8-bit RGB) with at most 16 colours, which takes about a tenth of the space. */
export function toPalettePng(png: Buffer): Buffer {
  const { width, height, pixels } = decodeRgb(png);
  const uses = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += 3) {
    const color = pixels.readUIntBE(at, 3);
    uses.set(color, (uses.get(color) ?? 0) + 1);
  }
  const palette = [...uses]
    .sort((a, b) => b[1] - a[1])
    .slice(0, mostColors)
    .map(([color]) => color);
  const indexes = new Map([...uses.keys()].map((color) => [color, nearest(palette, color)]));
  // Two pixels in a byte, behind a byte that names no filter.
  const stride = 1 + Math.ceil(width / 2);
  const lines = Buffer.alloc(height * stride);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const index = indexes.get(pixels.readUIntBE((row * width + column) * 3, 3)) ?? 0;
      const at = row * stride + 1 + (column >> 1);
      lines[at] = (lines[at] ?? 0) | (column % 2 === 0 ? index << 4 : index);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Bit depth 4, colour type 3 (palette).
  header.set([4, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]))),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function nearest(palette: readonly number[], color: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, other] of palette.entries()) {
    const distance = [16, 8, 0].reduce(
      (sum, bits) => sum + (((color >> bits) & 255) - ((other >> bits) & 255)) ** 2,
      0,
    );
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/** Reverses the five filters of a PNG of 8-bit RGB without interlace. */
function decodeRgb(png: Buffer): { width: number; height: number; pixels: Buffer } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (png[25] !== 2) throw new Error('The picture is not 8-bit RGB.');
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const filtered = inflateSync(Buffer.concat(parts));
  const stride = width * 3;
  const pixels = Buffer.alloc(height * stride);
  for (let row = 0; row < height; row++) {
    const filter = filtered[row * (stride + 1)];
    for (let column = 0; column < stride; column++) {
      const at = row * stride + column;
      const left = column >= 3 ? (pixels[at - 3] ?? 0) : 0;
      const up = row > 0 ? (pixels[at - stride] ?? 0) : 0;
      const upLeft = column >= 3 && row > 0 ? (pixels[at - stride - 3] ?? 0) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, upLeft)][filter ?? 0] ?? 0;
      pixels[at] = (filtered[row * (stride + 1) + 1 + column] ?? 0) + guess;
    }
  }
  return { width, height, pixels };
}

function paeth(left: number, up: number, upLeft: number): number {
  const [a, b, c] = [up - upLeft, left - upLeft, left + up - 2 * upLeft].map(Math.abs) as [number, number, number];
  return a <= b && a <= c ? left : b <= c ? up : upLeft;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
