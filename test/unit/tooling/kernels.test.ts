import assert from 'node:assert/strict';
import { chooseKernel, kernelsFor } from '../../../bench/support/kernels';

const cpuinfo = (vendor: string, flags: string): string =>
  `processor\t: 0\nvendor_id\t: ${vendor}\nmodel name\t: of some make\nflags\t\t: fpu ${flags} sse2\n\n` +
  `processor\t: 1\nvendor_id\t: ${vendor}\nflags\t\t: fpu ${flags} sse2\n`;
const avx512 = 'avx avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl';

describe('kernels of OpenBLAS for a processor', () => {
  for (const [title, text, expected] of [
    ['a new Intel', cpuinfo('GenuineIntel', avx512), ['SkylakeX', 'Haswell', 'Sandybridge']],
    ['an Intel without AVX-512', cpuinfo('GenuineIntel', 'avx avx2 fma'), ['Haswell', 'Sandybridge']],
    ['an AMD', cpuinfo('AuthenticAMD', 'avx avx2 fma'), ['Zen', 'Haswell', 'Sandybridge']],
    ['a new AMD', cpuinfo('AuthenticAMD', avx512), ['SkylakeX', 'Zen', 'Haswell', 'Sandybridge']],
    [
      'the first processors with AVX-512',
      cpuinfo('GenuineIntel', 'avx avx2 fma avx512f avx512cd'),
      ['Haswell', 'Sandybridge'],
    ],
    ['an old one', cpuinfo('GenuineIntel', 'ssse3'), []],
    ['no x86', 'processor\t: 0\nFeatures\t: fp asimd sve\n', []],
    ['none told', '', []],
  ] as const) {
    it(`are, the best first, those of ${title}`, () => assert.deepEqual(kernelsFor(text), expected));
  }

  it('are those that really run and multiply right', () => {
    const asked: (string | undefined)[] = [];
    const { kernel, notes } = chooseKernel(['SkylakeX', 'Zen', 'Haswell'], (one) => {
      asked.push(one);
      return { kernel: one === 'SkylakeX' ? 'Prescott' : (one ?? ''), right: one !== 'Zen' };
    });
    assert.equal(kernel, 'Haswell');
    assert.deepEqual(asked, ['SkylakeX', 'Zen', 'Haswell']);
    assert.deepEqual(notes, [
      'asked for SkylakeX, OpenBLAS took Prescott',
      'the kernels of Zen compute wrong products here',
    ]);
  });

  it('are left to the library, which is said, where none fits; wrong products end it', () => {
    const { kernel, notes } = chooseKernel([], () => ({ kernel: 'Prescott', right: true }));
    assert.equal(kernel, undefined);
    assert.deepEqual(notes, ['OpenBLAS chose Prescott by itself']);
    assert.throws(() => chooseKernel([], () => ({ kernel: 'Prescott', right: false })), /wrong products/);
  });
});
