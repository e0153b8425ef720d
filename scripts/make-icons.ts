// Draws the app's two icons: two arrows in a ring, for "sync". Run it after a change; the results are committed.
import { writeFileSync } from 'node:fs';
import { encodePng, type Pixel } from './encode-png.ts';

type Ink = (x: number, y: number) => boolean;

const samplesPerSide = 4;

/** The sign in a square of side 1: two arcs around the middle, each with an arrow head. */
const sign: Ink = (x, y) => {
  const dx = x - 0.5;
  const dy = y - 0.5;
  return [1, -1].some((side) => isArc(dx * side, dy * side) || isHead(dx * side, dy * side));
};

const radius = 0.36;
const halfWidth = 0.052;

function isArc(dx: number, dy: number): boolean {
  const angle = Math.atan2(dy, dx);
  return Math.abs(Math.hypot(dx, dy) - radius) < halfWidth && angle > -2.95 && angle < -0.62;
}

/** A triangle at the arc's end, pointing on around the ring. */
function isHead(dx: number, dy: number): boolean {
  const end = -0.62;
  const [cx, cy] = [Math.cos(end) * radius, Math.sin(end) * radius];
  const along = (dx - cx) * -Math.sin(end) + (dy - cy) * Math.cos(end);
  const across = (dx - cx) * Math.cos(end) + (dy - cy) * Math.sin(end);
  return along >= -0.01 && along < 0.19 && Math.abs(across) < 0.15 * (1 - along / 0.19);
}

/** How much of the pixel the ink covers, from 0 to 1. */
function coverage(ink: Ink, column: number, row: number, side: number): number {
  let hits = 0;
  for (let i = 0; i < samplesPerSide ** 2; i += 1) {
    const x = (column + ((i % samplesPerSide) + 0.5) / samplesPerSide) / side;
    const y = (row + (Math.floor(i / samplesPerSide) + 0.5) / samplesPerSide) / side;
    if (ink(x, y)) hits += 1;
  }
  return hits / samplesPerSide ** 2;
}

const [blue, white] = [
  [11, 92, 173],
  [255, 255, 255],
] as const;

// Teams rounds the corners of the colour icon itself and wants a full square; its sign keeps to the middle.
const color = (column: number, row: number): Pixel => {
  const part = coverage((x, y) => sign((x - 0.5) / 0.72 + 0.5, (y - 0.5) / 0.72 + 0.5), column, row, 192);
  const mix = (index: 0 | 1 | 2) => Math.round(blue[index] * (1 - part) + white[index] * part);
  return [mix(0), mix(1), mix(2), 255];
};

const outline = (column: number, row: number): Pixel => [...white, Math.round(255 * coverage(sign, column, row, 32))];

const folder = new URL('../appPackage/', import.meta.url);
writeFileSync(new URL('color.png', folder), encodePng(192, color));
writeFileSync(new URL('outline.png', folder), encodePng(32, outline));
