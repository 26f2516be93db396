import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { textReader } from '../../../src/data/table/encoding';
import { assertDataError, matrixOf, read, tableReport } from './reading';

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** Decodes bytes that arrive in pieces of the given size. */
function decode(bytes: Uint8Array, piece = bytes.length) {
  const reader = textReader(bytes, 'text.csv');
  let text = '';
  for (let start = 0; start < bytes.length; start += piece) {
    text += reader.decode(bytes.subarray(start, start + piece));
  }
  text += reader.end();
  return { text, encoding: reader.encoding(), warnings: reader.warnings() };
}

describe('text encodings', () => {
  const table = 'Käse;größe\nBrie–doux;1\nŒuf;2\n';
  const encodings: Record<string, [Uint8Array, string]> = {
    'UTF-8': [Buffer.from(table), 'UTF-8'],
    'UTF-8 with a byte-order mark': [Buffer.from(`\uFEFF${table}`), 'UTF-8'],
    'UTF-16LE with a byte-order mark': [Buffer.from(`\uFEFF${table}`, 'utf16le'), 'UTF-16LE'],
    'UTF-16BE with a byte-order mark': [utf16be(`\uFEFF${table}`), 'UTF-16BE'],
    'UTF-16LE without a mark': [Buffer.from(table, 'utf16le'), 'UTF-16LE'],
    'UTF-16BE without a mark': [utf16be(table), 'UTF-16BE'],
    // By hand, from the Windows-1252 table: ä E4, ö F6, ß DF, – 96, Œ 8C.
    'Windows-1252': [Buffer.from('K\xe4se;gr\xf6\xdfe\nBrie\x96doux;1\n\x8cuf;2\n', 'latin1'), 'windows-1252'],
  };
  for (const [name, [bytes, encoding]] of Object.entries(encodings)) {
    it(`reads a table in ${name}`, async () => {
      const dataset = await read('t.csv', bytes);
      assert.equal(tableReport(dataset).encoding, encoding);
      assert.deepEqual(dataset.rowLabels, ['Brie–doux', 'Œuf']);
      assert.deepEqual(dataset.columnLabels, ['größe']);
      assert.equal(tableReport(dataset).label, 'Käse');
      assert.deepEqual(await matrixOf(dataset), [[1], [2]]);
      assert.equal(
        dataset.warnings.some((warning) => warning.includes('Windows-1252')),
        encoding === 'windows-1252',
      );
    });
  }

  it('do not depend on where the chunks are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 1, max: 7 }), (text, piece) => {
        const marked = `\uFEFFa,${text}`;
        assert.equal(decode(Buffer.from(`a,${text}`), piece).text, `a,${text}`);
        assert.equal(decode(Buffer.from(marked), piece).text, `a,${text}`);
        assert.equal(decode(Buffer.from(marked, 'utf16le'), 64).text, `a,${text}`);
      }),
      { examples: [['é\u{1F600}€', 1]] },
    );
  });

  it('fall back to Windows-1252 at the first byte that cannot be UTF-8, wherever it comes', () => {
    for (const piece of [1, 2, 3, 1000]) {
      const found = decode(Buffer.from(`${'x,1\n'.repeat(300)}caf\xe9\x80 \x93q\x94`, 'latin1'), piece);
      assert.ok(found.text.endsWith('café€ “q”'), found.text.slice(-12));
      assert.equal(found.encoding, 'windows-1252');
      assert.match(found.warnings.join(), /first at byte 1204/);
    }
    assert.equal(decode(Buffer.from('1,caf\xe9', 'latin1')).text, '1,café');
  });

  it('keep UTF-8 once it is sure, and tell of damaged bytes', () => {
    const bytes = Buffer.concat([Buffer.from('é,1\n'), Buffer.from([0x78, 0xff, 0x79])]);
    const found = decode(bytes);
    assert.equal(found.text, 'é,1\nx\uFFFDy');
    assert.equal(found.encoding, 'UTF-8');
    assert.match(found.warnings.join(), /first at byte 7/);
  });

  it('refuse UTF-16 that is cut off', async () => {
    const bytes = Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le');
    await assertDataError(read('t.csv', bytes.subarray(0, bytes.length - 1)), /^t\.csv: .*cut off.*UTF-16LE/);
  });
});
