import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as f from '../../../src/engine/functions';
import { grad } from '../../../src/engine/gradient';
import { constant, matrix, shared, topological, type Node } from '../../../src/engine/graph';
import { evaluate } from '../../../src/engine/interpreter';
import { optimize } from '../../../src/engine/rewrite/optimize';
import { sizeOf } from '../../../src/engine/shape';
import type { Tensor } from '../../../src/engine/tensor';
import { fullObjective, smoothObjective } from '../../../src/factorization/objective';
import { models } from '../../support/factorizing';

type Rows = number[][];
interface Goldens {
  leaves: Record<'W' | 'H' | 'S' | 'u' | 'v', Rows>;
  constants: Record<'X' | 'C' | 'B' | 'M' | 'A' | 'L', Rows>;
  objectives: Record<string, { cost: number; gradients: Record<string, Rows> }>;
}
const goldens = JSON.parse(readFileSync('test/data/gradients/objectives.json', 'utf8')) as Goldens;
const tensorOf = (rows: Rows): Tensor => ({
  data: Float64Array.from(rows.flat()),
  shape: [rows.length, rows[0]!.length],
});

const leaves = Object.fromEntries(
  Object.entries(goldens.leaves).map(([name, rows]) => [name, shared(tensorOf(rows), name)]),
);
const { W, H, S, u, v } = leaves as Record<keyof Goldens['leaves'], Node>;
const { X, C, B, M, A, L } = Object.fromEntries(
  Object.entries(goldens.constants).map(([name, rows]) => [name, constant(tensorOf(rows))]),
) as unknown as Record<keyof Goldens['constants'], Node>;

const { sum, square, matmul, log, exp, sqrt, abs, mul, add, sub, div, pow, relu, softplus, sigmoid, softmax, slice } =
  f;
const V = matmul(W, H);
const R = sub(X, V);
const R2 = square(R);
const fit = sum(R2);
const eye = constant({ data: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), shape: [3, 3] });
const sign = sub(mul(2, B), 1);
const indices = (...values: number[]): Node => constant({ data: Float64Array.from(values), shape: [values.length] });
const columns = (x: Node, start: number, stop?: number): Node => slice(x, start, stop, { axis: 1 });
const cdf = mul(0.5, add(1, f.erf(V)));
const huber = (x: Node, d: number): Node =>
  f.where(f.lessEqual(abs(x), d), mul(0.5, square(x)), mul(d, sub(abs(x), d / 2)));

/** The objectives of test/data/gradients/generate.py, by the same names. */
const objectives: Record<string, Node> = {
  squared: fit,
  ridge: fit.add(sum(square(W)).mul(0.3)).add(sum(square(H)).mul(0.2)),
  'mean squared': f.mean(R2),
  absolute: sum(abs(R)),
  'sparse coding': fit.add(sum(abs(H)).mul(0.5)),
  'elastic net': fit.add(sum(abs(H)).mul(0.5)).add(sum(square(H)).mul(0.1)),
  huber: sum(huber(R, 0.3)),
  'pseudo-huber': sum(sub(sqrt(add(1, square(div(R, 0.3)))), 1)),
  'log-cosh': sum(sub(add(R, softplus(mul(-2, R))), Math.LN2)),
  cauchy: sum(f.log1p(R2)),
  welsch: sum(sub(1, exp(div(f.neg(R2), 2)))),
  'kullback-leibler': sum(add(sub(mul(X, log(div(X, V))), X), V)),
  'itakura-saito': sum(sub(sub(div(X, V), log(div(X, V))), 1)),
  'beta 1.5': sum(div(sub(add(pow(X, 1.5), mul(0.5, pow(V, 1.5))), mul(mul(1.5, X), pow(V, 0.5))), 0.75)),
  poisson: sum(sub(V, mul(C, log(V)))),
  'poisson, log link': sum(sub(exp(V), mul(C, V))),
  'poisson with constant': sum(add(sub(V, mul(C, log(V))), f.lgamma(add(C, 1)))),
  'negative binomial': f.neg(
    sum(
      add(
        add(sub(f.lgamma(add(C, sum(S))), f.lgamma(sum(S))), mul(sum(S), log(div(sum(S), add(sum(S), V))))),
        mul(C, log(div(V, add(sum(S), V)))),
      ),
    ),
  ),
  gamma: sum(add(log(V), div(X, V))),
  logistic: sum(sub(softplus(V), mul(B, V))),
  'logistic, written out': f.neg(sum(add(mul(B, log(sigmoid(V))), mul(sub(1, B), log(sub(1, sigmoid(V))))))),
  probit: f.neg(sum(add(mul(B, log(cdf)), mul(sub(1, B), log(add(sub(1, cdf), 1e-9)))))),
  hinge: sum(relu(sub(1, mul(sign, sub(V, 0.7))))),
  'squared hinge': sum(square(relu(sub(1, mul(sign, sub(V, 0.7)))))),
  bpr: sum(softplus(f.neg(sub(columns(V, 0, 1), columns(V, 1))))).add(sum(square(W)).mul(0.1)),
  quantile: sum(f.maximum(mul(0.9, R), mul(-0.1, R))),
  masked: sum(mul(M, R2)),
  'masked by choice': sum(f.where(f.greater(M, 0), R2, 0)),
  weighted: sum(mul(columns(A, 0, 4), R2)),
  'weighted rows': sum(mul(columns(A, 0, 1), R2)),
  biases: sum(mul(M, square(sub(sub(sub(sub(X, V), u), v), 0.5)))).add(add(sum(square(u)), sum(square(v))).mul(0.1)),
  'group lasso': fit.add(sum(f.norm(W, 0)).mul(0.3)),
  'total variation': fit.add(sum(abs(sub(columns(H, 1), columns(H, 0, -1)))).mul(0.3)),
  smooth: fit.add(sum(square(sub(columns(H, 1), columns(H, 0, -1)))).mul(0.3)),
  curvature: fit.add(sum(square(add(sub(columns(H, 2), mul(2, columns(H, 1, -1))), columns(H, 0, -2)))).mul(0.3)),
  'simplex by softmax': sum(square(sub(X, matmul(softmax(W), H)))),
  'both by softmax': f.neg(sum(mul(X, log(matmul(softmax(W), softmax(H)))))),
  'non-negative by softplus': sum(square(sub(X, matmul(softplus(W), softplus(H))))),
  'non-negative by squares': sum(square(sub(X, matmul(square(W), square(H))))),
  'tri-factor': sum(square(sub(X, matmul(matmul(W, S), H)))),
  'tri-factor, orthogonal': sum(square(sub(X, matmul(matmul(W, S), H)))).add(sum(square(sub(matmul(W.T, W), eye)))),
  orthogonal: fit.add(sum(square(sub(matmul(H, H.T), eye))).mul(0.5)),
  'graph laplacian': fit.add(f.trace(matmul(matmul(W.T, L), W)).mul(0.2)),
  autoencoder: sum(square(sub(X, matmul(f.tanh(matmul(X, H.T)), H)))),
  symmetric: sum(square(sub(A, matmul(W, W.T)))),
  projective: sum(square(sub(X, matmul(matmul(W, W.T), X)))),
  convex: sum(square(sub(X, matmul(matmul(X, H.T), H)))),
  'spectral unmixing': fit.add(sum(square(sub(sum(W, 1), 1))).mul(10)),
  entropy: fit.add(sum(mul(W, log(W))).mul(0.1)),
  'log-determinant': fit.sub(log(f.prod(S)).mul(0.1)).add(sum(f.logsumexp(H, 1))),
  cosine: f.neg(sum(div(sum(mul(X, V), 1), mul(f.norm(X, 1), f.norm(V, 1))))),
  'largest error': f.max(R2),
  'normalised factors': sum(square(sub(X, matmul(div(W, f.norm(W, 0, { keepDims: true })), H)))),
  student: sum(log(add(1, div(R2, 3)))).mul(2),
  cumulative: sum(square(sub(f.cumsum(X, 1), f.cumsum(V, 1)))),
  embedding: sum(
    square(
      sub(
        sum(mul(f.take(W, indices(0, 2, 2, 4)), f.take(H.T, indices(1, 1, 3, 0))), 1),
        f.take(f.reshape(X, [20]), indices(1, 9, 11, 16)),
      ),
    ),
  ),
};

function rowsOf(rows: number, columns: number): Rows {
  return Array.from({ length: rows }, () => new Array<number>(columns).fill(0.5));
}

describe('gradients of composite objectives', () => {
  it('covers every objective that PyTorch was asked for, forty at least', () => {
    assert.deepEqual(Object.keys(objectives).sort(), Object.keys(goldens.objectives).sort());
    assert.ok(Object.keys(objectives).length >= 40);
  });

  for (const [name, { cost, gradients }] of Object.entries(goldens.objectives)) {
    it(`agree with PyTorch, rewritten and not: ${name}`, () => {
      const objective = objectives[name]!;
      const parameters = Object.keys(gradients).map((leaf) => leaves[leaf]!);
      const roots = [objective, ...grad(objective, parameters)];
      const expected = [[cost], ...Object.values(gradients).map((rows) => rows.flat())];
      for (const program of [roots, optimize(roots, new Set(parameters)).roots]) {
        evaluate(program).forEach(({ data }, root) => {
          expected[root]!.forEach((value, i) => {
            const difference = Math.abs(data[i]! - value);
            assert.ok(
              difference <= 1e-9 * (1 + Math.abs(value)),
              `root ${root}, element ${i}: ${data[i]} is not ${value}`,
            );
          });
        });
      }
    });
  }
});

/** Elements of the largest among nodes and all that they are made of. */
const largest = (roots: readonly Node[]): number =>
  Math.max(...topological(roots).map(({ shape }) => sizeOf(shape as readonly number[])));

/** Fails where a gradient, rewritten or not, makes something larger than whatever the objective is made of. */
function assertBounded(objective: Node, parameters: readonly Node[]): void {
  const gradients = grad(objective, parameters);
  const bound = largest([objective]);
  assert.ok(largest(gradients) <= bound, `as written: ${largest(gradients)} elements, not ${bound}`);
  const { roots } = optimize(gradients, new Set(parameters));
  assert.ok(largest(roots) <= bound, `rewritten: ${largest(roots)} elements, not ${bound}`);
}

describe('no gradient makes an intermediate larger than its operands need', () => {
  for (const [name, { gradients }] of Object.entries(goldens.objectives)) {
    it(name, () =>
      assertBounded(
        objectives[name]!,
        Object.keys(gradients).map((leaf) => leaves[leaf]!),
      ),
    );
  }

  const data = matrix('X', { shape: [6, 5] });
  const [left, right] = [shared(tensorOf(rowsOf(6, 2)), 'left'), shared(tensorOf(rowsOf(2, 5)), 'right')];
  for (const [name, { biases: _, ...model }] of Object.entries(models)) {
    it(`the model ${name}`, () => {
      const whole = { X: data, W: left, H: right };
      const weighted = { ...whole, weights: matrix('weights', { shape: [6, 5] }) };
      for (const variables of [whole, weighted]) {
        assertBounded(smoothObjective(model, variables), [left, right]);
        assertBounded(fullObjective(model, variables), [left, right]);
      }
    });
  }
});
