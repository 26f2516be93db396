/**
 * Values to colours. Three maps, all readable with the common kinds of colour blindness, and in all of them zero
 * recedes into the page while magnitude stands out:
 * - one sign, dark page: viridis (Smith & van der Walt, CC0), dark at zero;
 * - one sign, light page: mako (Waskom, seaborn), reversed, light at zero;
 * - both signs: blue through the page's tone to red, straight lines in OKLCH (Ottosson 2020), lightness being
 *   linear in magnitude and the same on both arms.
 */

export type MapKind = 'sequential' | 'diverging';

/** Values beyond `low` and `high` take the end colours. A diverging range is symmetric about 0. */
export interface ColourRange {
  kind: MapKind;
  low: number;
  high: number;
  /** There are values beyond an end. */
  below?: true;
  above?: true;
}

/** Entries of a look-up table: odd, so that a diverging map has a centre of its own. */
export const tableSize = 511;

type Rgb = readonly [number, number, number];

// Every sixteenth of the 256-entry originals; in between, sRGB is interpolated linearly (at most 3/255 off).
const viridis =
  '440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1f9f88 27ad81 3dbc74 5cc863 81d34d aadc32 d5e21a fde725';
const mako =
  '0b0405 1c101c 2b1c35 37284f 3e356b 414387 3b5698 36699f 357ba3 348ca7 359eaa 3bafad 49c1ad 68d1ad 96ddb5 bee8ca def5e5';

function parseAnchors(text: string): Rgb[] {
  return text.split(' ').map((hex) => {
    const bits = Number.parseInt(hex, 16);
    return [(bits >> 16) & 255, (bits >> 8) & 255, bits & 255] as const;
  });
}

function interpolate(anchors: readonly Rgb[], position: number): Rgb {
  const scaled = position * (anchors.length - 1);
  const index = Math.min(Math.floor(scaled), anchors.length - 2);
  const [from, to] = anchors.slice(index, index + 2);
  if (from === undefined || to === undefined) {
    throw new RangeError(`colour position ${position} lies outside 0 to 1`);
  }
  const t = scaled - index;
  return [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t, from[2] + (to[2] - from[2]) * t];
}

/** OKLCH (lightness 0 to 1, chroma, hue in degrees) to sRGB 0 to 255, clipped to the gamut. */
function oklchToRgb(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const encode = (linear: number): number => {
    const clipped = Math.min(Math.max(linear, 0), 1);
    return 255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055);
  };
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

const arms = {
  dark: { centre: 0.22, end: 0.8, negative: { chroma: 0.125, hue: 245 }, positive: { chroma: 0.16, hue: 33 } },
  light: { centre: 0.97, end: 0.42, negative: { chroma: 0.14, hue: 255 }, positive: { chroma: 0.16, hue: 28 } },
} as const;

function diverging(position: number, dark: boolean): Rgb {
  const { centre, end, negative, positive } = dark ? arms.dark : arms.light;
  const signed = 2 * position - 1;
  const magnitude = Math.abs(signed);
  const arm = signed < 0 ? negative : positive;
  // Chroma rises faster than lightness falls, so that small values already show their sign.
  return oklchToRgb(centre + (end - centre) * magnitude, arm.chroma * Math.sin((magnitude * Math.PI) / 2), arm.hue);
}

const anchors = { viridis: parseAnchors(viridis), mako: parseAnchors(mako).reverse() };

/** The colour at `position` 0 (low) to 1 (high), sRGB 0 to 255, not rounded. */
export function colourAt(kind: MapKind, position: number, dark: boolean): Rgb {
  if (kind === 'diverging') {
    return diverging(position, dark);
  }
  return interpolate(dark ? anchors.viridis : anchors.mako, position);
}

/** Look-up table of `tableSize` opaque pixels in the byte order of ImageData on little-endian machines. */
export function colourTable(kind: MapKind, dark: boolean): Uint32Array {
  const table = new Uint32Array(tableSize);
  for (let i = 0; i < tableSize; i++) {
    const [red, green, blue] = colourAt(kind, i / (tableSize - 1), dark);
    table[i] = (0xff000000 | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
  }
  return table;
}

/** The least and the greatest value; NaN does not count. */
export function extentOf(values: Float32Array): { least: number; greatest: number } {
  let least = Infinity;
  let greatest = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { least, greatest };
}

/**
 * Sequential from 0 where no value is negative; else diverging and centred at 0, so that colour tells the sign.
 * @param limit the magnitude at which colours end
 */
export function rangeOf({ least, greatest }: { least: number; greatest: number }, limit: number): ColourRange {
  const beyond = { ...(least < -limit && { below: true as const }), ...(greatest > limit && { above: true as const }) };
  if (least < 0) return { kind: 'diverging', low: -limit, high: limit, ...beyond };
  return { kind: 'sequential', low: 0, high: limit > 0 ? limit : 1, ...beyond };
}
