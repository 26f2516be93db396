import type { Trace } from '../src/factorization/runs/trace';

export interface Point {
  x: number;
  y: number;
}

/**
 * At most about `limit` points that draw like the whole trace: of each run of neighbours the lowest and the highest
 * are kept, in order, so that no spike is lost; so are the first and the last.
 */
export function decimate({ iteration, objective }: Trace, limit: number): Point[] {
  const count = iteration.length;
  const point = (index: number): Point => ({ x: iteration[index] ?? NaN, y: objective[index] ?? NaN });
  if (count <= limit) {
    return Array.from({ length: count }, (_, index) => point(index));
  }
  const runs = Math.floor((limit - 2) / 2);
  const points = [point(0)];
  for (let run = 0; run < runs; run++) {
    const from = 1 + Math.floor((run * (count - 2)) / runs);
    const to = 1 + Math.floor(((run + 1) * (count - 2)) / runs);
    let lowest = from;
    let highest = from;
    for (let i = from + 1; i < to; i++) {
      const value = objective[i] ?? NaN;
      if (value < (objective[lowest] ?? NaN)) lowest = i;
      if (value > (objective[highest] ?? NaN)) highest = i;
    }
    points.push(point(Math.min(lowest, highest)));
    if (lowest !== highest) points.push(point(Math.max(lowest, highest)));
  }
  points.push(point(count - 1));
  return points;
}
