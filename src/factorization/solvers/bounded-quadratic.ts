import { greater, where, type Node, clip, less, lessEqual, maximum, minimum, toFloat, constant } from '../../engine';

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

/**
 * A convex quadratic of each column of a matrix, about where it is. Of many short columns the entries of one kind stand side
 * by side, so that what is done with all of them runs along memory.
 */
export interface ColumnQuadratics {
  /** length×columns: where they are. */
  at: Node;
  /** length×columns: the quadratics' gradients there. */
  gradient: Node;
  /** Every column's Hessian times that column of a length×columns matrix. */
  apply(direction: Node): Node;
  /** The Hessians' diagonals, length×columns. */
  diagonal: Node;
}

/** What else there is to every entry x: l1·|x|, and least ≤ x ≤ most, where ±{@link unbounded} is no bound. */
export interface EntryTerms {
  l1: number;
  least: number;
  most: number;
}

/** What stands for an infinite bound: a number of float32. */
export const unbounded = 1e30;

/** Times that the set of entries on a bound is found anew. The columns come from an iteration in which it was nearly that. */
const passes = 2;

const smallest = 1e-30;

/**
 * Every column lowered towards the minimum of its quadratic with the entries' terms: a projected Newton method (Bertsekas
 * 1982). Entries on a bound that the gradient pushes against stay; the rest go to their minimum by conjugate gradients,
 * exactly in as many steps as a column is long. Where that leads out of the bounds, each column takes the lowest of three
 * points: the way up to the first bound; its end, projected; and a projected gradient step of the length 1/(length·diagonal),
 * which bounds the Hessian, so that a column stays where it is at its minimum alone.
 *
 * @param steps conjugate-gradient steps, at most
 * @returns the columns, and by how much all of them together were lowered, from a sum of what cannot cancel
 */
export function lowered(
  { at, gradient, apply, diagonal }: ColumnQuadratics,
  terms: EntryTerms,
  steps: number,
): { next: Node; decrease: Node } {
  const length = Number(at.shape[0]);
  const maxSteps = Math.min(steps, length);
  if (terms.l1 === 0 && terms.least === -unbounded && terms.most === unbounded) {
    const step = conjugateGradients(apply, gradient.neg(), diagonal, maxSteps, 0);
    const image = apply(step);
    return {
      next: at.add(step),
      decrease: step
        .mul(gradient.add(image.mul(0.5)))
        .sum()
        .neg(),
    };
  }

  let point = at;
  let slopeOfQuadratic = gradient;
  let decrease: Node = constant(0);
  for (let pass = 0; pass < passes; pass++) {
    const { low, high, slope } = range(point, slopeOfQuadratic, terms);
    const free = minimum(maximum(greater(point, low), less(slope, 0)), maximum(less(point, high), greater(slope, 0)));
    const newton = conjugateGradients(
      (direction) => apply(direction).mul(free),
      slope.neg().mul(free),
      diagonal,
      maxSteps,
      0,
    );
    const inBounds = (step: Node): Node => clip(point.add(step), low, high).sub(point);
    const size = newton.abs();
    const ahead = where(less(newton, 0), low, high).sub(point);
    const shares = where(greater(size, 0), ahead.abs().div(maximum(size, smallest)), unbounded);
    const share = minimum(shares.min(0, { keepDims: true }), 1);
    // The entry that comes to its bound first is set there: rounding would leave it just before, to come there first again.
    const first = where(lessEqual(shares, share.mul(1 + 1e-6)), ahead, newton.mul(share));
    const candidates = [
      inBounds(first),
      inBounds(newton),
      inBounds(slope.neg().div(maximum(diagonal.mul(length), smallest))),
    ];

    let step: Node = point.mul(0);
    let image: Node = step;
    let value: Node = constant({ data: new Float64Array(1), shape: [1, 1] });
    for (const candidate of candidates) {
      const itsImage = apply(candidate);
      const itsValue = candidate.mul(slope.add(itsImage.mul(0.5))).sum(0, { keepDims: true });
      const lower = less(itsValue, value);
      step = where(lower, candidate, step);
      image = where(lower, itsImage, image);
      value = minimum(itsValue, value);
    }
    decrease = decrease.sub(value.sum());
    point = point.add(step);
    slopeOfQuadratic = slopeOfQuadratic.add(image);
  }
  // The sum of a point and its way to a bound may miss the bound by rounding.
  return { next: clip(point, terms.least, terms.most), decrease };
}

/**
 * The bounds between which an entry's terms are smooth, and the gradient there: under an L1 penalty an entry keeps its
 * sign, and one of 0 takes the sign that lowers the sum, if any does.
 */
function range(point: Node, gradient: Node, { l1, least, most }: EntryTerms): { low: Node; high: Node; slope: Node } {
  const everywhere = (value: number): Node => point.mul(0).add(value);
  if (l1 === 0 || least >= 0) return { low: everywhere(least), high: everywhere(most), slope: gradient.add(l1) };
  // In arithmetic, not by choosing: a choice between numbers may be moved past a transpose, and truth values with it, for
  // which WebGPU has no transpose.
  const own = toFloat(greater(point, 0)).sub(toFloat(less(point, 0)));
  const chosen = toFloat(less(gradient, -l1)).sub(toFloat(greater(gradient, l1)));
  const sign = own.add(chosen.mul(own.square().neg().add(1)));
  const [inner, outer] = [Math.max(0, least), Math.min(0, most)];
  const negative = maximum(sign.neg(), 0);
  const positive = maximum(sign, 0);
  return {
    low: negative.mul(least - inner).add(inner),
    high: positive.mul(most - outer).add(outer),
    slope: gradient.add(sign.mul(l1)),
  };
}
