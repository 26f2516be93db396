import fc from 'fast-check';
import assert from 'node:assert/strict';
import * as f from '../../../src/engine/functions';
import { constant, type Node, evaluate } from '../../../src/engine';

const number = fc.double({ min: -5, max: 5, noNaN: true });
/** Rows, with ties and zeros more often than chance would have them. */
const rows = fc.integer({ min: 1, max: 5 }).chain((length) =>
  fc.array(fc.array(fc.oneof(number, fc.constantFrom(-1, 0, 0.25, 1)), { minLength: length, maxLength: length }), {
    minLength: 1,
    maxLength: 4,
  }),
);

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** What an operator makes of each row. */
function applied(operator: (x: Node) => Node, values: number[][]): number[][] {
  const columns = values[0]!.length;
  const x = constant({ data: Float64Array.from(values.flat()), shape: [values.length, columns] });
  const { data, shape } = evaluate([operator(x)])[0]!;
  assert.deepEqual(shape, x.shape);
  return values.map((_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
}

/**
 * p is the point of a closed convex set nearest to x if and only if it is in the set and max over z in the set of
 * ⟨x − p, z − p⟩ is 0. `support` is max ⟨d, z⟩ over the set, `outside` how far a point is from being in it.
 */
function checkProjection(
  project: (x: Node) => Node,
  support: (direction: readonly number[]) => number,
  outside: (point: readonly number[]) => number,
): void {
  fc.assert(
    fc.property(rows, (values) => {
      applied(project, values).forEach((p, i) => {
        assert.ok(outside(p) <= 1e-9, `${p.join()} is not in the set`);
        const away = values[i]!.map((x, j) => x - p[j]!);
        assert.ok(support(away) - dot(away, p) <= 1e-8, `${p.join()} is not nearest to ${values[i]!.join()}`);
      });
    }),
    { numRuns: 200, seed: 4 },
  );
}

describe('proximal operators', () => {
  it('soft-threshold to the minimum of ½(p − x)² + t|p|', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 3, noNaN: true }), (values, t) => {
        applied((x) => f.softThreshold(x, t), values).forEach((row, i) =>
          row.forEach((p, j) => {
            // At the minimum, x − p is t times a subgradient of |p|: its sign, or anything from −1 to 1 at 0.
            const pull = values[i]![j]! - p;
            if (p === 0) assert.ok(Math.abs(pull) <= t);
            else assert.ok(Math.abs(pull - t * Math.sign(p)) <= 1e-12 * (1 + t));
          }),
        );
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  it('project onto non-negative numbers', () => {
    const support = (d: readonly number[]): number => (d.every((x) => x <= 0) ? 0 : Infinity);
    checkProjection(f.relu, support, (p) => -Math.min(...p, 0));
  });

  it('project onto a box', () => {
    const [low, high] = [-0.5, 2];
    checkProjection(
      (x) => f.clip(x, low, high),
      (d) => d.reduce((sum, x) => sum + Math.max(low * x, high * x), 0),
      (p) => Math.max(low - Math.min(...p), Math.max(...p) - high),
    );
  });

  it('project onto a ball', () => {
    for (const radius of [1, 2.5]) {
      checkProjection(
        (x) => f.projectBall(x, -1, radius),
        (d) => radius * Math.hypot(...d),
        (p) => Math.hypot(...p) - radius,
      );
    }
  });

  it('project onto the probability simplex', () => {
    checkProjection(
      f.projectSimplex,
      (d) => Math.max(...d),
      (p) => Math.max(-Math.min(...p), Math.abs(p.reduce((sum, x) => sum + x, 0) - 1)),
    );
  });
});
