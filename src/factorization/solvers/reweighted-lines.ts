import {
  concatenate,
  div,
  matmul,
  maximum,
  reshape,
  slice,
  squeeze,
  take,
  transpose,
  unsqueeze,
  constant,
  type Node,
} from '../../engine';
import type { Model } from '../../model/model';
import { modelled, weightedSum, type ObjectiveVariables } from '../objective/objective';
import type { Observations, SparseObservations } from '../observations';
import type { FactorName } from '../objective/penalties';
import type { ColumnQuadratics } from './bounded-quadratic';
import { dataOf, declareBlocks, type DeclaredBlock, type ProgramData } from './program';

/** Up to this rank every line has its Hessian written out, which its products then take; beyond, that would be the larger part of memory and time. */
const maxLength = 32;

/** A factor's lines (rows of W, columns of H) with their quadratics, as columns in an order of their own. */
export interface FactorLines extends ColumnQuadratics {
  /** The factor, W or H, of which these are the lines. */
  factorOf(lines: Node): Node;
}

/** The loss about a point, as a sum over entries and as weighted squares. */
export interface Reweighting {
  data: readonly ProgramData[];
  /** Σ weight·f(|x − y|); f(0) is 0. */
  total(at: ObjectiveVariables, f: (distance: Node) => Node): Node;
  /**
   * With the other factor fixed, what Σ weight·(r²/(2d) + d/2) for residuals r and distances d = max(|r|, ε) as they are
   * at the point, and the L2 penalty, are of a factor's lines.
   */
  lines(at: ObjectiveVariables, name: FactorName, smoothing: Node): FactorLines;
}

export function reweighting(model: Model, variables: ObjectiveVariables, observations: Observations): Reweighting {
  return observations.places ? sparse(model, observations) : dense(model, variables, observations);
}

function dense({ penalties }: Model, variables: ObjectiveVariables, observations: Observations): Reweighting {
  return {
    data: dataOf(observations, variables),
    total: (at, f) => weightedSum(modelled(at), ({ X, Y }) => f(X.sub(Y).abs())),
    lines(at, name, smoothing) {
      const { W, H, X, weights } = at;
      const ridge = 2 * penalties[name].l2;
      // What each line's entries are products with, a component a row.
      const [lines, fixed] = name === 'W' ? [W.T, H] : [H, W.T];
      const byPlaces = (matrix: Node): Node => (name === 'W' ? matrix.T : matrix);
      // Of W·H whichever factor moves, so that all that needs the residual shares it.
      const residual = X.sub(W.matmul(H));
      const curvatures = div(weights ?? 1, maximum(residual.abs(), smoothing));
      const D = byPlaces(curvatures);
      const gradient = lines.mul(ridge).sub(fixed.matmul(byPlaces(residual.mul(curvatures))));
      const hessians = Number(lines.shape[0]) <= maxLength ? hessiansOf(fixed, D) : undefined;
      return {
        at: lines,
        gradient,
        diagonal: fixed.square().matmul(D).add(ridge),
        apply: (p) =>
          (hessians ? hessians.mul(unsqueeze(p, 0)).sum(1) : fixed.matmul(fixed.T.matmul(p).mul(D))).add(p.mul(ridge)),
        factorOf: (moved) => (name === 'W' ? moved.T : moved),
      };
    },
  };
}

/**
 * Σ_place D·f·fᵀ for every line, with f the place's column of the fixed factor.
 *
 * @param fixed length×places
 * @param D places×lines
 * @returns length×length×lines
 */
function hessiansOf(fixed: Node, D: Node): Node {
  const length = Number(fixed.shape[0]);
  // They are symmetric: row (k, l) of the products is the same as (l, k), and computed once.
  const rows = Array.from({ length }, (_, k) => slice(fixed, k).mul(slice(fixed, k, k + 1)));
  const products = rows.length === 1 ? rows[0]! : concatenate(rows, 0);
  const firstOf = (k: number): number => (k * (2 * length - k + 1)) / 2;
  const place = Float64Array.from({ length: length * length }, (_, at) => {
    const [k, l] = [Math.floor(at / length), at % length];
    return firstOf(Math.min(k, l)) + Math.abs(k - l);
  });
  const all = take(products.matmul(D), constant({ data: place, shape: [length * length] }));
  return reshape(all, [length, length, Number(D.shape[1])]);
}

/** Entries stand in blocks of lines, and so do the lines; the observed entries alone are looked at. */
function sparse({ penalties }: Model, observations: SparseObservations): Reweighting {
  const sides = { W: declareBlocks(observations, 'W', 0), H: declareBlocks(observations, 'H', 0) };
  const looked = ({ W, H }: ObjectiveVariables, name: FactorName, { lines, places, values }: DeclaredBlock) => {
    const [own, fixed] = name === 'W' ? [W, H.T] : [H.T, W];
    // Padding looks up a row of zeros: its residual is 0, and it adds nothing to any sum.
    const width = Number(fixed.shape[1]);
    const padded = concatenate([fixed, constant({ data: new Float64Array(width), shape: [1, width] })], 0);
    const G = take(padded, places);
    const z = take(own, lines);
    return { G, z, residual: values.sub(squeeze(matmul(G, unsqueeze(z, 2)), 2)) };
  };
  return {
    data: [...sides.W.data, ...sides.H.data],
    total: (at, f) =>
      sides.W.blocks
        .map((block) => {
          const losses = f(looked(at, 'W', block).residual.abs());
          return (block.weights ? losses.mul(block.weights) : losses).sum();
        })
        .reduce((sum, part) => sum.add(part)),
    lines(at, name, smoothing) {
      const ridge = 2 * penalties[name].l2;
      const { blocks, order } = sides[name];
      const parts = blocks.map((block) => {
        const { G, z, residual } = looked(at, name, block);
        const D = div(block.weights ?? 1, maximum(residual.abs(), smoothing));
        return {
          z,
          hessian: matmul(transpose(G.mul(unsqueeze(D, 2)), [0, 2, 1]), G),
          gradient: squeeze(matmul(unsqueeze(residual.mul(D), 1), G), 1).neg(),
        };
      });
      type Part = (typeof parts)[number];
      const joined = (of: (part: Part) => Node): Node =>
        parts.length === 1 ? of(parts[0]!) : concatenate(parts.map(of), 0);
      const hessians = transpose(
        joined(({ hessian }) => hessian),
        [1, 2, 0],
      );
      const lines = joined(({ z }) => z).T;
      const [length, count] = [Number(lines.shape[0]), Number(lines.shape[1])];
      const square = length * length;
      return {
        at: lines,
        gradient: joined(({ gradient }) => gradient).T.add(lines.mul(ridge)),
        diagonal: slice(reshape(hessians, [square, count]), 0, square, { step: length + 1 }).add(ridge),
        apply: (p) => hessians.mul(unsqueeze(p, 0)).sum(1).add(p.mul(ridge)),
        factorOf: (moved) => (name === 'W' ? take(moved.T, order) : take(moved, order, 1)),
      };
    },
  };
}
