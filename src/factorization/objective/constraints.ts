import {
  equal,
  greater,
  less,
  maximum,
  minimum,
  softThreshold,
  where,
  constant,
  type Node,
  type Operand,
} from '../../engine';
import type { Constraint } from '../../model/constraints';
import { isPenalisedBy, type FactorPenalty } from '../../model/penalties';
import { componentAxis, type FactorName } from './penalties';
import type { Model } from '../../model/model';
import type { Factors } from '../factors';

/** Keeps 0/0 from arising where a norm is zero. */
const smallestNorm = 1e-30;

/** Newton steps to the threshold of the simplex projection; each either ends or leaves out more entries. */
const simplexSteps = 16;

/** Whether a factor has anything that a plain gradient step does not see to. */
export const hasKink = (penalty: FactorPenalty, constraint: Constraint): boolean =>
  isPenalisedBy(penalty, ({ kink }) => kink === true) || constraint.kind !== 'none';

/**
 * The proximal operator argmin_P ½‖P − F‖² + step·(l1·Σ|P| + group·Σ_k‖component k of P‖) over the P that the constraint
 * allows. The parts compose in this order (Yu 2013, “On decomposing the proximal map”), also on the sphere, where the norm
 * of P is given and what is left is the direction with the largest ⟨P, F⟩ − step·l1·Σ|P|; pairs that do not compose are
 * refused with the settings. L1 zeros come out as zeros.
 */
export function proximal(
  factor: Node,
  step: Operand,
  { l1, group }: FactorPenalty,
  constraint: Constraint,
  name: FactorName,
): Node {
  let result = factor;
  const threshold = (weight: number): Node | number => (typeof step === 'number' ? step * weight : step.mul(weight));
  const nonNegative =
    constraint.kind === 'unit-ball' || constraint.kind === 'unit-norm'
      ? constraint.nonNegative
      : constraint.kind === 'non-negative';
  if (nonNegative) {
    result = maximum(l1 > 0 ? result.sub(threshold(l1)) : result, 0);
  } else if (l1 > 0) {
    result = softThreshold(result, threshold(l1));
  }
  const norms = (): Node => maximum(result.norm(componentAxis[name], { keepDims: true }), smallestNorm);
  if (group > 0) {
    const kept = norms();
    result = result.mul(maximum(kept.sub(threshold(group)), 0).div(kept));
  }
  switch (constraint.kind) {
    case 'none':
    case 'non-negative':
      return result;
    case 'box':
      return minimum(maximum(result, constraint.least), constraint.most);
    case 'unit-ball':
      return result.div(maximum(norms(), 1));
    case 'unit-norm':
      return ontoSphere(result, factor, nonNegative, name);
    case 'simplex':
      return ontoSimplex(result);
  }
}

/**
 * Every component scaled to length 1. Where nothing is left of one after shrinking and clipping, the minimum over the
 * sphere is the unit vector along its largest entry, in size or, under non-negativity, in value; of equal ones the first.
 *
 * @param left what shrinking and clipping have left of the factor
 */
function ontoSphere(left: Node, factor: Node, nonNegative: boolean, name: FactorName): Node {
  const axis = componentAxis[name];
  const along = { keepDims: true } as const;
  // Entries of at most 1, whose squares neither overflow nor vanish.
  const largest = left.abs().max(axis, along);
  const scaled = left.div(where(equal(largest, 0), 1, largest));
  const unit = scaled.div(maximum(scaled.norm(axis, along), smallestNorm));

  const length = Number(factor.shape[axis]);
  const places = constant({
    data: Float32Array.from({ length }, (_, at) => at),
    shape: axis === 0 ? [length, 1] : [1, length],
  });
  const size = nonNegative ? factor : factor.abs();
  const first = where(equal(size, size.max(axis, along)), places, length).min(axis, along);
  const direction = nonNegative ? 1 : where(less(factor, 0), -1, 1);
  return where(equal(largest, 0), where(equal(places, first), direction, 0), unit);
}

/**
 * Every row's nearest point on the simplex: max(f − τ, 0) with τ such that the row sums to 1. τ is the root of a convex,
 * piecewise linear function; Newton's method from the left reaches it in finitely many steps (Condat 2016, sec. 3).
 */
function ontoSimplex(factor: Node): Node {
  const along = { keepDims: true } as const;
  let threshold = factor.max(1, along).sub(1);
  for (let step = 0; step < simplexSteps; step++) {
    const inside = greater(factor, threshold);
    const count = maximum(where(inside, 1, 0).sum(1, along), 1);
    threshold = where(inside, factor, 0).sum(1, along).sub(1).div(count);
  }
  const clipped = maximum(factor.sub(threshold), 0);
  return clipped.div(maximum(clipped.sum(1, along), smallestNorm));
}

/**
 * The factor brought to where its constraint holds, from any start. Under non-negativity an entry's sign is dropped: of a
 * random start that keeps the scale, and a start that is non-negative already stays as it is.
 *
 * @param factor row-major, W with `rank` columns or H with `rank` rows
 */
export function feasible(factor: Float32Array, constraint: Constraint, name: FactorName, rank: number): Float32Array {
  switch (constraint.kind) {
    case 'none':
      return factor;
    case 'non-negative':
      return factor.map(Math.abs);
    case 'box':
      return factor.map((value) => Math.min(Math.max(value, constraint.least), constraint.most));
    case 'unit-ball':
    case 'unit-norm': {
      const at = componentsOf(factor, name, rank);
      const lengths = lengthsOf(factor, name, rank);
      const exact = constraint.kind === 'unit-norm';
      return factor.map((value, index) => {
        const length = lengths[at.component(index)]!;
        // Nothing tells in which direction a component of zeros should point: its first entry is as good as any.
        if (length === 0) return exact && at.isFirst(index) ? 1 : 0;
        return (constraint.nonNegative ? Math.abs(value) : value) / (exact ? length : Math.max(1, length));
      });
    }
    case 'simplex': {
      const width = name === 'W' ? rank : factor.length / rank;
      const sums = new Float64Array(factor.length / width);
      factor.forEach((value, at) => {
        const row = Math.floor(at / width);
        sums[row] = sums[row]! + Math.abs(value);
      });
      return factor.map((value, at) => {
        const sum = sums[Math.floor(at / width)]!;
        return sum > 0 ? Math.abs(value) / sum : 1 / width;
      });
    }
  }
}

/**
 * The smallest that every coefficient of a line, a row of W or a column of H, may be; undefined where that depends on other
 * lines.
 */
export function leastCoefficient(constraint: Constraint, name: FactorName, rank: number): number | undefined {
  switch (constraint.kind) {
    case 'none':
    case 'non-negative':
    case 'unit-ball':
      return 0;
    case 'box':
      return Math.min(constraint.most, Math.max(constraint.least, 0));
    case 'simplex':
      // The rows of H that add up to 1 are components, across its columns.
      return name === 'W' ? 1 / rank : undefined;
    case 'unit-norm':
      return undefined;
  }
}

const hasLength = ({ kind }: Constraint): boolean => kind === 'unit-ball' || kind === 'unit-norm';
const isFree = ({ kind }: Constraint): boolean => kind === 'none' || kind === 'non-negative';

/**
 * Both factors brought to where their constraints hold. Where the length of one's components is bounded and the other is
 * free, the components become 1 long and the other takes their length, so that W·H keeps the scale of X: a run would
 * otherwise begin as if at zero and seem settled. In a ball, too, there is nothing for a component to gain by being
 * shorter, and a penalty of the other could then make zeros of all of it.
 */
export function feasibleFactors(factors: Factors, constraints: Model['constraints'], rank: number): Factors {
  const otherOf = { W: 'H', H: 'W' } as const;
  const bounded = (['H', 'W'] as const).find(
    (name) => hasLength(constraints[name]) && isFree(constraints[otherOf[name]]),
  );
  // A component of zeros has no length to give.
  const lengths = bounded && lengthsOf(factors[bounded], bounded, rank).map((length) => length || 1);
  const scaled = (name: FactorName): Float32Array => {
    const factor = factors[name];
    if (!lengths) return factor;
    const { component } = componentsOf(factor, name, rank);
    const lengthOf = (index: number): number => lengths[component(index)]!;
    return factor.map((value, index) => (name === bounded ? value / lengthOf(index) : value * lengthOf(index)));
  };
  const brought = (name: FactorName): Float32Array => feasible(scaled(name), constraints[name], name, rank);
  return { W: brought('W'), H: brought('H') };
}

function lengthsOf(factor: Float32Array, name: FactorName, rank: number): Float64Array {
  const { component } = componentsOf(factor, name, rank);
  const squares = new Float64Array(rank);
  factor.forEach((value, index) => {
    const k = component(index);
    squares[k] = squares[k]! + value * value;
  });
  return squares.map(Math.sqrt);
}

/** Which component an entry belongs to, and whether it is that component's first. */
function componentsOf(
  factor: Float32Array,
  name: FactorName,
  rank: number,
): { component(index: number): number; isFirst(index: number): boolean } {
  const width = name === 'W' ? rank : factor.length / rank;
  return name === 'W'
    ? { component: (index) => index % width, isFirst: (index) => index < width }
    : { component: (index) => Math.floor(index / width), isFirst: (index) => index % width === 0 };
}
