import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeFactorsCsv, shortestFloat32 } from '../../../src/results/csv';
import { factorizationOf } from '../../support/factorizations';
import { matrixOf, read } from './reading';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

// Before the tests of the engine, with which it shares a process: ONNX Runtime has the thread that called it take the least
// float32 for 0 from then on. Whatever writes CSV computes nothing.
describe('W and H as CSV', () => {
  it('has labels, and quotes what needs it', () => {
    const { W, H } = encodeFactorsCsv(factorizationOf({ rowLabels: ['a,b', 'say "c"', 'é\n'] }));
    assert.equal(text(W), 'row,component 1\r\n"a,b",1\r\n"say ""c""",2\r\n"é\n",3\r\n');
    assert.equal(text(H), 'component,x,y\r\ncomponent 1,4,5\r\n');
  });

  it('numbers rows and columns without names', () => {
    const { rowLabels: _, columnLabels: __, ...unnamed } = factorizationOf();
    const { W, H } = encodeFactorsCsv(unnamed);
    assert.equal(text(W), 'row,component 1\r\n1,1\r\n2,2\r\n3,3\r\n');
    assert.equal(text(H), 'component,1,2\r\ncomponent 1,4,5\r\n');
  });

  it('disarms labels that a spreadsheet would run, and no others', () => {
    const { W } = encodeFactorsCsv(
      factorizationOf({ rowLabels: ['=HYPERLINK("http://x")', '-1.5', '@x'], W: Float32Array.of(-1, -0.5, 2) }),
    );
    assert.equal(text(W), `row,component 1\r\n"'=HYPERLINK(""http://x"")",-1\r\n-1.5,-0.5\r\n'@x,2\r\n`);
  });

  it('prints the shortest decimal of every float32', () => {
    assert.equal(shortestFloat32(Math.fround(0.1)), '0.1');
    assert.equal(shortestFloat32(Math.fround(1 / 3)), '0.33333334');
    assert.equal(shortestFloat32(16777216), '16777216');
    assert.equal(shortestFloat32(-0), '-0');
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const printed = shortestFloat32(value);
        assert.ok(Object.is(Math.fround(Number(printed)), value), printed);
        const digits = printed
          .replace(/e.*$/, '')
          .replace(/\D/g, '')
          .replace(/^0+|0+$/g, '').length;
        if (digits > 1) {
          assert.notEqual(Math.fround(Number(value.toPrecision(digits - 1))), value, `${printed} is the shortest`);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is read back as the same numbers', async () => {
    const given = factorizationOf({ W: Float32Array.of(0.1, -1e-30, 3e30) });
    const dataset = await read('W.csv', encodeFactorsCsv(given).W);
    assert.deepEqual((await matrixOf(dataset)).flat(), Array.from(given.W));
    assert.deepEqual(dataset.rowLabels, given.rowLabels);
  });
});
