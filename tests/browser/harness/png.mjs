// Makes pictures of screens small: 256 colours, well chosen, are enough for them.
import * as zlib from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The same picture with at most 256 colours. */
export function small(png) {
  const { width, height, pixels } = decode(png);
  const palette = choose(count(pixels));
  const known = new Map();
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0, from = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, from += 3) {
      const colour = (pixels[from] << 16) | (pixels[from + 1] << 8) | pixels[from + 2];
      let index = known.get(colour);
      if (index === undefined) known.set(colour, (index = nearest(palette, colour)));
      rows[y * (width + 1) + x + 1] = index;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap(parts));
  const packed = zlib.deflateSync(rows, { level: 9 });
  const chunks = [chunk("IHDR", head), chunk("PLTE", colours), chunk("IDAT", packed), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];

/** The pixels of a picture as browsers write it: 8 bits a channel, not interlaced. */
function decode(png) {
  const data = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const kind = png.toString("latin1", at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR") {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      channels = { 2: 3, 6: 4 }[body[9]];
      if (body[8] !== 8 || !channels || body[12] !== 0) throw new Error("a picture of another kind");
    }
    if (kind === "IDAT") data.push(body);
    at += length + 12;
  }
  const raw = zlib.inflateSync(Buffer.concat(data));
  const stride = width * channels;
  const pixels = Buffer.alloc(width * height * 3);
  let above = Buffer.alloc(stride);
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1);
    const row = Buffer.from(raw.subarray(start + 1, start + 1 + stride));
    unfilter(raw[start], row, above, channels);
    for (let x = 0; x < width; x += 1) {
      row.copy(pixels, (y * width + x) * 3, x * channels, x * channels + 3);
    }
    above = row;
  }
  return { width, height, pixels };
}

function unfilter(filter, row, above, channels) {
  for (let x = 0; x < row.length; x += 1) {
    const left = x >= channels ? row[x - channels] : 0;
    const up = above[x];
    const corner = x >= channels ? above[x - channels] : 0;
    const guess = [0, left, up, (left + up) >> 1, filter === 4 ? paeth(left, up, corner) : 0][filter];
    row[x] = (row[x] + guess) & 255;
  }
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function count(pixels) {
  const found = new Map();
  for (let at = 0; at < pixels.length; at += 3) {
    const colour = (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
    found.set(colour, (found.get(colour) ?? 0) + 1);
  }
  return [...found];
}

/** Median cut; the commonest colours are kept as they are. */
function choose(colours) {
  if (colours.length <= 256) return colours.map(([colour]) => colour);
  const common = colours.toSorted((a, b) => b[1] - a[1]);
  const kept = common.splice(0, 96).map(([colour]) => colour);
  const boxes = [common];
  while (boxes.length < 160) {
    const spread = boxes.map((box) => widest(box));
    const at = spread.reduce((best, { weight }, i) => (weight > spread[best].weight ? i : best), 0);
    if (spread[at].weight === 0) break;
    const { shift } = spread[at];
    const box = boxes[at].toSorted((a, b) => ((a[0] >> shift) & 255) - ((b[0] >> shift) & 255));
    const half = box.length >> 1;
    boxes.splice(at, 1, box.slice(0, half), box.slice(half));
  }
  return kept.concat(boxes.map(mean));
}

function widest(box) {
  if (box.length < 2) return { weight: 0, shift: 0 };
  const ranges = [16, 8, 0].map((shift) => {
    let [least, most] = [255, 0];
    for (const [colour] of box) {
      const part = (colour >> shift) & 255;
      least = Math.min(least, part);
      most = Math.max(most, part);
    }
    return { shift, range: most - least };
  });
  const { shift, range } = ranges.reduce((a, b) => (b.range > a.range ? b : a));
  return { weight: range * Math.sqrt(box.reduce((sum, [, n]) => sum + n, 0)), shift };
}

function mean(box) {
  const sum = [0, 0, 0, 0];
  for (const [colour, n] of box) {
    parts(colour).forEach((part, i) => (sum[i] += part * n));
    sum[3] += n;
  }
  const [red, green, blue] = sum.slice(0, 3).map((part) => Math.round(part / sum[3]));
  return (red << 16) | (green << 8) | blue;
}

function nearest(palette, colour) {
  const [red, green, blue] = parts(colour);
  let [best, least] = [0, Infinity];
  palette.forEach((one, index) => {
    const [r, g, b] = parts(one);
    const far = (r - red) ** 2 * 2 + (g - green) ** 2 * 4 + (b - blue) ** 2 * 3;
    if (far < least) [best, least] = [index, far];
  });
  return best;
}

function chunk(kind, body) {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), body]);
  const all = Buffer.alloc(body.length + 12);
  all.writeUInt32BE(body.length, 0);
  named.copy(all, 4);
  all.writeUInt32BE(crc(named), body.length + 8);
  return all;
}

// Older Node.js has no such function.
const table = Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});
const crc =
  zlib.crc32 ??
  ((bytes) => {
    let value = 0xffffffff;
    for (const byte of bytes) value = table[(value ^ byte) & 255] ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  });
