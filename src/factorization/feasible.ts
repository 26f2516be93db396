import type { Constraint } from './model';
import type { FactorName } from './penalties';

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
      const width = name === 'W' ? rank : factor.length / rank;
      const component = (at: number): number => (name === 'W' ? at % width : Math.floor(at / width));
      const squares = new Float64Array(rank);
      factor.forEach((value, at) => (squares[component(at)] = (squares[component(at)] as number) + value * value));
      const exact = constraint.kind === 'unit-norm';
      return factor.map((value, at) => {
        const norm = Math.sqrt(squares[component(at)] as number);
        const signed = constraint.nonNegative ? Math.abs(value) : value;
        // Nothing tells in which direction a component of zeros should point: its first entry is as good as any.
        if (norm === 0) return exact && (name === 'W' ? at < width : at % width === 0) ? 1 : 0;
        return signed / (exact ? norm : Math.max(1, norm));
      });
    }
    case 'simplex': {
      const width = name === 'W' ? rank : factor.length / rank;
      const sums = new Float64Array(factor.length / width);
      factor.forEach((value, at) => {
        const row = Math.floor(at / width);
        sums[row] = (sums[row] as number) + Math.abs(value);
      });
      return factor.map((value, at) => {
        const sum = sums[Math.floor(at / width)] as number;
        return sum > 0 ? Math.abs(value) / sum : 1 / width;
      });
    }
  }
}
