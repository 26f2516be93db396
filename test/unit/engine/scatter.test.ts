import assert from 'node:assert/strict';
import { compile, scatterAdd, placeholder, type Dim, randomSource } from '../../../src/engine';

/** Many slices that go to few places: two of them meet at one place all the time. */
const size = 50;

describe('adding slices at indices', () => {
  const cases: Record<string, { of: readonly number[]; rest: readonly number[]; as?: readonly Dim[]; axis?: number }> =
    {
      'of some elements': { of: [120_000], rest: [8] },
      'of one element each': { of: [900_000], rest: [] },
      'of a number that a run tells': { of: [120_000], rest: [8], as: ['n', 8] },
      'of sizes that a run tells': { of: [120_000], rest: [8], as: ['n', 'm'] },
      'at indices of two axes': { of: [400, 300], rest: [8] },
      'along the second axis': { of: [120_000], rest: [8], axis: 1 },
      'of more elements than one addition takes': { of: [3], rest: [150_000] },
      'that are few': { of: [100], rest: [8] },
      'of which there are none': { of: [0], rest: [8], as: ['n', 8] },
    };

  for (const [name, { of, rest, as = [...of, ...rest], axis = 0 }] of Object.entries(cases)) {
    it(`loses none ${name}, whatever threads do at once`, async () => {
      const count = of.reduce((n, length) => n * length, 1);
      const width = rest.reduce((n, length) => n * length, 1);
      const random = randomSource(5);
      const places = Float32Array.from({ length: count }, () => Math.floor(random() * size));
      // Whole numbers, whose sums are exact in float32.
      const data = Float32Array.from({ length: count * width }, (_, k) => 1 + (k % 3));
      const expected = new Float64Array(size * width);
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < width; j++) {
          const from = axis === 0 ? i * width + j : j * count + i;
          expected[axis === 0 ? places[i]! * width + j : j * size + places[i]!]! += data[from]!;
        }
      }
      const moved = <T>(shape: readonly T[]): T[] => (axis === 0 ? [...shape] : shape.toReversed());
      const indices = placeholder('indices', as.slice(0, of.length));
      const values = placeholder('values', moved(as));
      const program = await compile({
        inputs: { indices, values },
        outputs: { sum: scatterAdd(values, indices, size, axis) },
        device: 'cpu',
        threads: 2,
      });
      const given = { indices: { data: places, shape: of }, values: { data, shape: moved([...of, ...rest]) } };
      for (let run = 0; run < 4; run++) {
        const { sum } = await program.run(given);
        assert.ok(
          expected.every((value, k) => value === sum[k]),
          `run ${run}`,
        );
      }
      await program.dispose();
    });
  }
});
