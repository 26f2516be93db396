import assert from 'node:assert/strict';
import fc from 'fast-check';
import { detectDecimal, isInfinite, isMissing, parseNumber } from '../../../src/data/table/number';

describe('numbers of a table', () => {
  it('read every plain decimal exactly as JavaScript does', () => {
    const digits = fc.stringMatching(/^[+-]?(\d{1,25}\.?\d{0,25}|\.\d{1,25})$/);
    fc.assert(
      fc.property(digits, (cell) => {
        assert.equal(parseNumber(cell, '.'), Number(cell));
        assert.equal(parseNumber(cell.replace('.', ','), ','), Number(cell));
      }),
    );
  });

  it('read back every float64, however it is printed', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (given) => {
        // JavaScript prints -0 without its sign.
        const value = given + 0;
        assert.equal(parseNumber(String(value), '.'), value);
        assert.equal(parseNumber(value.toExponential().replace('.', ','), ','), value);
      }),
    );
  });

  it('remove thousands separators only where they stand in proper groups', () => {
    assert.equal(parseNumber('1,234,567.5', '.'), 1234567.5);
    assert.equal(parseNumber('1.234.567,5', ','), 1234567.5);
    assert.equal(parseNumber("1'234'567.5", '.'), 1234567.5);
    assert.equal(parseNumber('-12\u202F345,25', ','), -12345.25);
    assert.equal(parseNumber('12 345', '.'), 12345);
    for (const cell of ['12,34', '1,2345', '1,234,56', ',123', '1 23', '1234,567']) {
      assert.ok(Number.isNaN(parseNumber(cell, '.')), cell);
    }
  });

  it('take nothing else for a number', () => {
    for (const cell of ['', '+', '-', '.', '1.2.3', '0x10', '1e', 'e5', '1_000', '12%', '$5', '5 kg', '1-2', '١٢']) {
      assert.ok(Number.isNaN(parseNumber(cell, '.')), cell);
    }
  });

  it('know the tokens for missing and for infinity in any case', () => {
    for (const cell of ['', 'NA', 'na', 'NaN', 'NULL', 'null', '?', '-', 'N/A', '#N/A']) {
      assert.ok(isMissing(cell), cell);
    }
    for (const cell of ['0', 'none', 'nana', '--']) {
      assert.ok(!isMissing(cell), cell);
    }
    for (const cell of ['inf', '-Inf', '+INFINITY', '∞']) {
      assert.ok(isInfinite(cell), cell);
    }
  });

  it('choose the decimal separator by the cells that leave no doubt', () => {
    assert.deepEqual(detectDecimal(['1,5', '2,25', '1.234'], ';'), { decimal: ',' });
    assert.deepEqual(detectDecimal(['1.5', '1,234'], '\t'), { decimal: '.' });
    assert.deepEqual(detectDecimal(['0,125'], '\t'), { decimal: ',' });
    assert.deepEqual(detectDecimal(['1.234,5'], '\t'), { decimal: ',' });
    assert.deepEqual(detectDecimal(['1,234.5'], ','), { decimal: '.' });
    assert.deepEqual(detectDecimal(['1,234,567'], ';'), { decimal: '.' });
    assert.deepEqual(detectDecimal(['12', 'x'], ';'), { decimal: '.' });
  });

  it('say so when only doubtful cells are there', () => {
    assert.deepEqual(detectDecimal(['1,234'], ';'), { decimal: ',', doubtful: '1,234' });
    assert.deepEqual(detectDecimal(['1,234'], ','), { decimal: '.', doubtful: '1,234' });
  });
});
