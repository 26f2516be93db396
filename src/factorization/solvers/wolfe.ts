/** A function along a line, and its derivative, at one distance. */
export interface LinePoint {
  at: number;
  value: number;
  derivative: number;
}

/** The conditions of Wolfe: a decrease of at least this share of what the slope promises, and a slope of at most this share of it. */
const decrease = 1e-4;
const flatness = 0.9;

/** More evaluations than a sound search needs; one that reaches it has met rounding. */
const maxEvaluations = 25;

/**
 * A distance at which the strong Wolfe conditions hold: doubling until a minimum is bracketed, then cubic interpolation
 * within the bracket (Nocedal & Wright 2006, algorithms 3.5 and 3.6). Undefined where none is found.
 *
 * @param start at distance 0, with a negative derivative
 */
export async function wolfeSearch<P extends LinePoint>(
  start: LinePoint,
  first: number,
  evaluate: (at: number) => Promise<P>,
): Promise<P | undefined> {
  const sufficient = (point: LinePoint): boolean => point.value <= start.value + decrease * point.at * start.derivative;
  const flat = (point: LinePoint): boolean => Math.abs(point.derivative) <= -flatness * start.derivative;

  let low: LinePoint = start;
  let lowest: P | undefined;
  let high: LinePoint | undefined;
  let next = first;
  for (let evaluations = 0; evaluations < maxEvaluations; evaluations++) {
    const point = await evaluate(next);
    // What is not finite counts as far too high.
    if (!Number.isFinite(point.value) || !Number.isFinite(point.derivative)) {
      high = { at: next, value: Infinity, derivative: NaN };
    } else if (!sufficient(point) || point.value >= low.value) {
      high = point;
    } else {
      if (flat(point)) return point;
      // The minimum lies towards where the slope falls.
      const reference = high ? high.at - low.at : 1;
      if (point.derivative * reference >= 0) high = low;
      low = point;
      lowest = point;
    }
    next = high ? within(low, high) : 2 * next;
    if (high && Math.abs(high.at - low.at) <= 1e-12 * Math.max(high.at, low.at)) break;
  }
  // Not flat enough, but a decrease all the same.
  return lowest;
}

/** The minimum of the cubic through both ends, kept a tenth of the bracket away from them; else the middle. */
function within(low: LinePoint, high: LinePoint): number {
  const width = high.at - low.at;
  const slopes = low.derivative + high.derivative - (3 * (low.value - high.value)) / (low.at - high.at);
  const root = Math.sqrt(slopes * slopes - low.derivative * high.derivative) * Math.sign(width);
  const cubic = high.at - (width * (high.derivative + root - slopes)) / (high.derivative - low.derivative + 2 * root);
  const [least, most] = [low.at + 0.1 * width, low.at + 0.9 * width].sort((a, b) => a - b) as [number, number];
  return Number.isFinite(cubic) && Number.isFinite(high.value)
    ? Math.min(most, Math.max(least, cubic))
    : low.at + width / 2;
}
