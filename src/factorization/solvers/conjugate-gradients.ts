import { greater, where, type Node } from '../../engine';

/** a/b, or 0 where b is not above `floor`: a system that is solved already, or to rounding. */
const safeRatio = (a: Node, b: Node, floor: Node | number = 0): Node =>
  where(greater(b, floor), a.div(where(greater(b, floor), b, 1)), 0);

/**
 * Curvature along a direction, as a share of what the diagonal alone would give it, below which float32 knows nothing of
 * it: the residual's rounding, divided by such a curvature, would be a step of any length.
 */
const minCurvature = 1e-8;

/**
 * Approximate solutions of many small systems A·d = residual at once, one along an axis, by preconditioned conjugate
 * gradients from d = 0 (Golub & Van Loan, 4th ed., algorithm 11.5.1). In each step ½dᵀAd − residualᵀd falls.
 *
 * @param apply d ↦ A·d for A symmetric and positive semidefinite, of every system
 * @param diagonal of A, which preconditions; broadcast against `residual`
 * @param axis along which each system stands, the last by default
 */
export function conjugateGradients(
  apply: (direction: Node) => Node,
  residual: Node,
  diagonal: Node,
  steps: number,
  axis = residual.rank - 1,
): Node {
  const dot = (a: Node, b: Node): Node => a.mul(b).sum(axis, { keepDims: true });
  const scale = where(greater(diagonal, 0), diagonal, 1);
  let left = residual;
  let scaled = left.div(scale);
  let direction = scaled;
  let energy = dot(left, scaled);
  let solution: Node | undefined;
  for (let step = 0; step < steps; step++) {
    const image = apply(direction);
    const length = safeRatio(energy, dot(direction, image), dot(direction, direction.mul(scale)).mul(minCurvature));
    const moved = direction.mul(length);
    solution = solution ? solution.add(moved) : moved;
    if (step === steps - 1) break;
    left = left.sub(image.mul(length));
    scaled = left.div(scale);
    const next = dot(left, scaled);
    direction = scaled.add(direction.mul(safeRatio(next, energy)));
    energy = next;
  }
  return solution ?? residual.mul(0);
}
