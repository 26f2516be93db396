import type { Constraint } from '../../model/constraints';
import type { Model } from '../../model/model';
import type { FactorName } from './penalties';
import type { Factors } from '../factors';

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
