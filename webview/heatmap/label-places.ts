import type { Axis } from './data';

/** Where a label is drawn, in pixels along its axis, and the stretch of which it is the name where it names several. */
export interface LabelPlace {
  index: number;
  at: number;
}

/** Neighbours of one name, in pixels along the axis. */
export interface Band {
  from: number;
  to: number;
}

/** Narrower than this a band would be a dot. */
const minBand = 4;

const runs = new WeakMap<readonly string[], Uint32Array>();

/** Where each run of equal labels begins, and their number at the end. */
function runsOf(labels: readonly string[]): Uint32Array {
  let starts = runs.get(labels);
  if (starts === undefined) {
    const found = labels.flatMap((label, i) => (i === 0 || label !== labels[i - 1] ? [i] : []));
    starts = Uint32Array.from(found.concat(labels.length));
    runs.set(labels, starts);
  }
  return starts;
}

/** How many names an axis has, neighbours of one name counted once. */
export const namesOn = ({ labels, count }: Axis): number => (labels === undefined ? count : runsOf(labels).length - 1);

/** What is drawn beside an axis of which `extent` pixels from element `first` on are in view. */
export function labelPlaces(
  axis: Axis,
  first: number,
  cell: number,
  extent: number,
  spacing: number,
): { labels: LabelPlace[]; bands: Band[] } {
  const { labels } = axis;
  const starts = labels && runsOf(labels);
  if (labels === undefined || starts === undefined || starts.length - 1 === labels.length) {
    return { labels: thinned(axis, first, cell, extent, spacing), bands: [] };
  }
  const from = lastAtMost(starts, first);
  const to = Math.min(lastAtMost(starts, first + extent / cell - 1e-9) + 1, starts.length - 1);
  // Runs too many to be told apart: single elements stand for the others.
  if ((to - from) * minBand > extent) {
    return { labels: thinned(axis, first, cell, extent, spacing), bands: [] };
  }
  const places: LabelPlace[] = [];
  const bands: Band[] = [];
  let free = -Infinity;
  for (let run = from; run < to; run++) {
    const [start = 0, end = 0] = starts.subarray(run, run + 2);
    const low = Math.max(0, (start - first) * cell);
    const high = Math.min(extent, (end - first) * cell);
    if (end - start > 1 && high - low >= minBand) bands.push({ from: low + 1, to: high - 1 });
    const at = (low + high) / 2;
    // A cell that is in view by less than half would have its label beyond the end.
    const whole = end - start > 1 || ((start + 0.5 - first) * cell >= 0 && (start + 0.5 - first) * cell <= extent);
    if (whole && at - free >= spacing) {
      places.push({ index: start, at: end - start > 1 ? at : (start + 0.5 - first) * cell });
      free = at;
    }
  }
  return { labels: places.length < to - from ? once(axis, places) : places, bands };
}

/** The index of the last start that is no greater. */
function lastAtMost(starts: Uint32Array, index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Each name but once: where labels stand for elements without one, a name twice would seem to hold in between. */
function once({ labels }: Axis, places: readonly LabelPlace[]): LabelPlace[] {
  const seen = new Set<string>();
  return places.filter(({ index }) => {
    const label = labels?.[index];
    if (label === undefined) return true;
    if (seen.has(label)) return false;
    seen.add(label);
    return true;
  });
}

/** Every step-th label, with step from 1, 2, 5, 10, … so that they lie `spacing` pixels apart. */
function thinned(axis: Axis, first: number, cell: number, extent: number, spacing: number): LabelPlace[] {
  let step = 1;
  for (const factor of [1, 2, 5]) {
    for (let power = 1; power <= 1e9; power *= 10) {
      const candidate = factor * power;
      if (candidate * cell >= spacing && (step * cell < spacing || candidate < step)) step = candidate;
    }
  }
  const last = Math.min(Math.ceil(first + extent / cell), axis.count);
  const places: LabelPlace[] = [];
  // Numbers count from 1, so that round ones stand at 10, 20, …; names start with the first.
  const shift = axis.labels === undefined && step > 1 ? step - 1 : 0;
  for (let i = Math.max(0, Math.ceil((first - shift) / step)) * step + shift; i < last; i += step) {
    const at = (i + 0.5 - first) * cell;
    if (at >= 0 && at <= extent) places.push({ index: i, at });
  }
  return step > 1 ? once(axis, places) : places;
}
