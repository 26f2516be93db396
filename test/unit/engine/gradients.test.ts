import assert from 'node:assert/strict';
import { grad, matrix, shared, type Node, evaluate } from '../../../src/engine';
import { topological } from '../../../src/engine/graph';
import { optimize } from '../../../src/engine/rewrite/optimize';
import { sizeOf } from '../../../src/engine/shape';
import { fullObjective, smoothObjective } from '../../../src/factorization/objective/objective';
import { models } from '../../support/factorizing';
import { goldens, leaves, objectives, tensorOf, type Rows } from './fixtures/objectives';

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
