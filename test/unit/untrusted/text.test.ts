import assert from 'node:assert/strict';
import { isolated, jsonLine, oneLine, visible } from '../../../src/untrusted/text';

/** Unicode's property Bidi_Control, UAX #9 and PropList.txt of Unicode 16, and the deprecated U+206A to U+206F. */
const directions = [0x061c, 0x200e, 0x200f, ...span(0x202a, 0x202e), ...span(0x2066, 0x2069), ...span(0x206a, 0x206f)];
const controls = [...span(0, 0x1f), ...span(0x7f, 0x9f)];

describe('text from strangers', () => {
  it('shows every character that would reorder it or steer a terminal', () => {
    for (const code of [...directions, ...controls]) {
      const shown = oneLine(`a${String.fromCodePoint(code)}b`);
      const expected = [0x9, 0xa, 0xd].includes(code) ? 'a b' : 'a\ufffdb';
      assert.equal(shown, expected, `U+${code.toString(16)}`);
    }
  });

  it('is one line, whichever character would end it', () => {
    assert.equal(oneLine('a \r\n b\u2028c\u2029d'), 'a b c d');
    assert.equal(visible('a\n\tb'), 'a\n\tb');
  });

  it('is one line however many spaces a stranger puts into it', () => {
    // As long as a text in a result may be. The time limit of a test is what fails where it is quadratic.
    const spaces = ' '.repeat(2 ** 20 - 2);
    assert.equal(oneLine(`a${spaces}b`), `a${spaces}b`);
    assert.equal(oneLine(`a${spaces}\nb`), 'a b');
    assert.equal(oneLine(`a\n${spaces}b`), 'a b');
    assert.equal(oneLine(`a${' \t'.repeat(10)}b`), `a${' '.repeat(20)}b`);
  });

  it('keeps what people write in any script', () => {
    for (const name of ['Größe', 'דנה', 'بيانات', '数据', 'می\u200cخواهم', '👩\u200d🔬'])
      assert.equal(oneLine(name), name);
  });

  it('keeps a label in an isolate that it cannot leave', () => {
    assert.equal(isolated('אב'), '\u2068אב\u2069');
    assert.equal(isolated('a\u2069\u202eb'), '\u2068a\ufffd\ufffdb\u2069');
  });

  it('writes JSON that reads back the same and says nothing to a terminal', () => {
    const value = { name: `x${String.fromCodePoint(...directions, ...controls)}y` };
    const line = jsonLine(value);
    assert.deepEqual(JSON.parse(line), value);
    for (const code of [...directions, ...span(0x80, 0x9f), 0x1b, 0x7f]) {
      assert.ok(!line.includes(String.fromCodePoint(code)), `U+${code.toString(16)}`);
    }
  });
});

function span(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
