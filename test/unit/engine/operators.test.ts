import assert from 'node:assert/strict';
import {
  compile,
  mul,
  square,
  sum,
  toFloat,
  grad,
  constant,
  placeholder,
  type Node,
  evaluate,
  randomUniform,
  type Tensor,
} from '../../../src/engine';
import type { OperatorName } from '../../../src/engine/graph';
import type { AnyDeclaration, Check } from '../../../src/engine/ops/declaration';
import { operators } from '../../../src/engine/ops/operators';
import { instantiate, type Case } from './fixtures/operator-cases';

const bind = ({ inputs }: Case, values: readonly Tensor[]): Map<Node, Tensor> =>
  new Map(inputs.map((input, i) => [input, values[i]!]));

/** Fails only where absolute and relative difference both exceed the tolerance. */
function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    const fits = difference <= tolerance || difference <= tolerance * Math.abs(expected[i]!);
    assert.ok(fits || Object.is(actual[i], expected[i]), `${what}: element ${i} is ${actual[i]}, not ${expected[i]}`);
  }
}

/** Compares the gradient of a random projection with central differences in every element of every input. */
function checkGradient(one: Case, projected: Node, tolerance: number): void {
  const gradients = grad(projected, one.inputs, { disconnected: 'zero' });
  const analytic = evaluate(gradients, bind(one, one.values));
  one.values.forEach((value, which) => {
    if (one.whole[which]) return;
    const numeric = value.data.map((x, i) => {
      const at = (shift: number): number => {
        const moved = { data: Float64Array.from(value.data), shape: value.shape };
        moved.data[i] = x + shift;
        return evaluate([projected], bind(one, one.values.with(which, moved)))[0]!.data[0]!;
      };
      const step = 1e-5 * Math.max(1, Math.abs(x));
      return (at(step) - at(-step)) / (2 * step);
    });
    assert.deepEqual(analytic[which]!.shape, value.shape);
    close(analytic[which]!.data, numeric, tolerance, `gradient in x${which}`);
  });
}

const project = (result: Node, seed: number): Node => {
  const shape = result.shape as readonly number[];
  return sum(mul(toFloat(result), constant(randomUniform(shape, { seed, low: 0.5, high: 1.5 }))));
};

for (const [name, declaration] of Object.entries(operators) as [OperatorName, AnyDeclaration][]) {
  describe(`operator ${name}`, () => {
    (declaration.checks as readonly Check<object>[]).forEach((check, k) => {
      const title = `${check.shapes.map((shape) => `[${shape.join()}]`).join(' ')} ${JSON.stringify(check.attributes)}`;
      const one = instantiate(name, check, 100 * k + 1);

      it(`agrees with central differences, to second order: ${title}`, () => {
        const projected = project(one.result, 7);
        checkGradient(one, projected, 1e-6);
        const directions = grad(projected, one.inputs, { disconnected: 'zero' });
        const slope = directions.reduce((total: Node, g, i) => total.add(project(g, 11 + i)), constant(0));
        checkGradient(one, slope, 1e-5);
      });

      it(`runs on ONNX Runtime as in the interpreter: ${title}`, async () => {
        const expected = evaluate([one.result], bind(one, one.values))[0]!;
        for (const precision of ['float32', 'float64'] as const) {
          const inputs = Object.fromEntries(one.inputs.map((input, i) => [`x${i}`, input]));
          const f = await compile({ inputs, outputs: { y: toFloat(one.result) }, precision });
          const { y } = await f.run(Object.fromEntries(one.values.map((value, i) => [`x${i}`, value])));
          await f.dispose();
          close(y, expected.data, precision === 'float32' ? 1e-5 : 1e-12, precision);
        }
      });
    });
  });
}

describe('sums of many numbers', () => {
  const cases: [shape: readonly (number | undefined)[], data: readonly number[], axes: number[] | undefined][] = [
    [[1_000_000], [1_000_000], undefined],
    [[undefined], [999_999], undefined],
    [[undefined], [5], undefined],
    [[undefined], [0], undefined],
    [[2, 300_001], [2, 300_001], [1]],
    [[undefined, undefined], [1000, 700], undefined],
    [[3, 400_000], [3, 400_000], undefined],
    [
      [undefined, 2, 1000],
      [200, 2, 1000],
      [0, 2],
    ],
  ];
  for (const [shape, given, axes] of cases) {
    it(`are right to the seventh digit: [${shape.map(String).join()}], of [${given.join()}]`, async () => {
      const x = placeholder('x', shape);
      const value = randomUniform(given, { seed: 5, low: 0.5, high: 1.5 });
      const data = { data: Float32Array.from(value.data), shape: given };
      const outputs = { plain: sum(x, axes), squares: sum(square(x), axes), kept: sum(x, axes, { keepDims: true }) };
      const f = await compile({ inputs: { x }, outputs, device: 'cpu' });
      const results = await f.run({ x: data });
      await f.dispose();
      const expected = evaluate(Object.values(outputs), new Map<Node, Tensor>([[x, data]]));
      Object.entries(results).forEach(([name, sums], i) => close(sums, expected[i]!.data, 2e-7, name));
    });
  }
});
