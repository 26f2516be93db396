import assert from 'node:assert/strict';
import { compile, constant, matrix, evaluate, randomNormal } from '../../../src/engine';
import { symmetricEigen } from '../../../src/factorization/linear-algebra/symmetric';
import { defaultModel } from '../../../src/model/model';
import { presetModel } from '../../../src/model/presets';
import { chooseSolver } from '../../../src/factorization/solvers/solvers';
import { spectralBound } from '../../../src/factorization/solvers/step-length';

/** FFᵀ of a random F with r rows, whose components differ in size. */
function gramOf(r: number, seed: number, nonNegative: boolean): Float64Array {
  const length = r + 3;
  const F = Float64Array.from(randomNormal([r * length], { seed }).data, (x, at) => {
    const size = 1 / (1 + (Math.floor(at / length) % 4));
    return size * (nonNegative ? Math.abs(x) : x);
  });
  return Float64Array.from({ length: r * r }, (_, at) => {
    const [i, j] = [Math.floor(at / r), at % r];
    let sum = 0;
    for (let k = 0; k < length; k++) sum += F[i * length + k]! * F[j * length + k]!;
    return sum;
  });
}

const boundOf = (gram: Float64Array, r: number, nonNegative: boolean): number =>
  evaluate([spectralBound(constant({ data: gram, shape: [r, r] }), nonNegative)])[0]!.data[0]!;

describe('the length of a step', () => {
  for (const nonNegative of [false, true]) {
    it(`is never too long, nor by much too short, of ${nonNegative ? 'non-negative factors' : 'factors of either sign'}`, () => {
      for (const r of [1, 2, 7, 30]) {
        for (const seed of [1, 2, 3]) {
          const gram = gramOf(r, seed, nonNegative);
          const largest = Math.max(...symmetricEigen(gram, r).values);
          const bound = boundOf(gram, r, nonNegative);
          assert.ok(bound >= largest * (1 - 1e-12), `${bound} is below ${largest}`);
          const slack = nonNegative ? 1.05 : r ** (1 / 8);
          assert.ok(bound <= largest * slack * (1 + 1e-12), `${bound} is far above ${largest}`);
        }
      }
    });
  }

  it('is finite in float32 where a factor has vanished, or all but vanished, and where it is huge', async () => {
    for (const nonNegative of [false, true]) {
      const G = matrix('G', { shape: [3, 3] });
      const program = await compile({ inputs: { G }, outputs: { bound: spectralBound(G, nonNegative) } });
      for (const size of [0, 1e-35, 1e-22, 1, 1e15]) {
        const gram = Float32Array.from({ length: 9 }, () => size);
        const { bound } = await program.run({ G: { data: gram, shape: [3, 3] } });
        assert.ok(Number.isFinite(bound[0]) && bound[0]! >= 0, `${bound[0]} at ${size}`);
        if (size >= 1) assert.ok(bound[0]! >= 3 * size * (1 - 1e-5), `${bound[0]} at ${size}`);
      }
      await program.dispose();
    }
  });
});

describe('inner steps', () => {
  const innerOf = (rows: number, columns: number, rank: number, weighted = false): number | undefined => {
    const choice = chooseSolver({ id: 'auto' }, presetModel('nmf'), weighted, { rows, columns, rank });
    const solver = 'solver' in choice ? choice.solver : choice;
    return solver.id === 'apg' ? solver.inner : undefined;
  };

  it('are many where a pass over X costs more than they do, and few for a dictionary with more components than columns', () => {
    assert.equal(innerOf(10_000, 784, 20), 20);
    assert.equal(innerOf(64, 20_000, 10), 20);
    assert.equal(innerOf(20_000, 64, 100), 8);
    assert.equal(innerOf(20_000, 64, 26), 12);
  });

  it('of a solver that was asked for are as many as were asked for', () => {
    const asked = { id: 'apg', inner: 30 } as const;
    assert.deepEqual(chooseSolver(asked, defaultModel, false, { rows: 100, columns: 8, rank: 20 }), asked);
  });
});
