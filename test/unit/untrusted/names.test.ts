import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { fileNameFrom, isFileName, pathIn } from '../../../src/untrusted/names';
import { jsonLine } from '../../../src/untrusted/text';

describe('names from strangers', () => {
  const hostile = [
    '../../../x',
    '..\\..\\..\\x',
    '/etc/passwd',
    'C:\\Windows\\x',
    'c:x',
    '\\\\server\\share\\x',
    '//server/share/x',
    'x/..',
    'x/../..',
    '..',
    '.',
    '',
    '   ',
    '. . .',
    '...',
    'a\0b',
    'a\nb',
    'x\u202egpj.exe',
    'x:stream',
    'CON',
    'con.csv',
    'LPT1 .txt',
    'com¹',
    'nul..',
    'x. . ',
    'a'.repeat(5000),
    '😀'.repeat(5000),
    '\ud800',
    '../'.repeat(1000),
  ];

  for (const name of hostile) {
    it(`become the name of a file: ${jsonLine(name.slice(0, 30)).trim()}`, () => {
      const made = fileNameFrom(name);
      for (const suffix of ['.W.csv', '-12.factors.npz', '']) {
        const file = `${made}${suffix}`;
        assert.equal(posix.dirname(posix.join('/a/b', file)), '/a/b');
        assert.equal(win32.dirname(win32.resolve('C:\\a\\b', file)), 'C:\\a\\b');
        assert.ok(Buffer.byteLength(file) < 255);
        assert.doesNotMatch(file, /[\p{Cc}\p{Bidi_Control}<>:"/\\|?*]/u);
        assert.doesNotMatch(file, /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i);
      }
      assert.doesNotMatch(made, /[. ]$/);
      assert.notEqual(made, '');
      assert.equal(Buffer.from(made, 'utf8').toString('utf8'), made, 'whole characters');
      assert.equal(fileNameFrom(made), made, 'it is a fixed point');
    });
  }

  it('can still be read', () => {
    assert.equal(fileNameFrom('../../../x'), 'x');
    assert.equal(fileNameFrom('..\\data\\Größe 5 [m](kg).csv'), 'Größe 5 [m](kg).csv');
    assert.equal(fileNameFrom('12:30?.csv'), '12_30_.csv');
    assert.equal(fileNameFrom('aux.csv'), '_aux.csv');
  });

  it('stay as they are where they are ordinary', () => {
    for (const name of ['digits.csv', '.hidden', 'console.csv', 'דנה.csv', 'a b.tar.gz', '100%.csv', 'x#1.csv']) {
      assert.equal(fileNameFrom(name), name);
    }
  });

  it('are looked up only where they lead nowhere else', () => {
    for (const name of ['..', '.', '', 'a/b', '../x', '/x', 'a\0']) assert.equal(isFileName(name, false), false, name);
    for (const name of ['..\\x', 'c:x', 'con.csv', 'x.', 'x ', '\\\\server\\share']) {
      assert.equal(isFileName(name, true), false, name);
    }
    for (const name of ['digits.csv', '12:30.csv', 'a\\b', '...']) assert.equal(isFileName(name, false), true, name);
    assert.throws(() => pathIn('/data', '../x'), /"\.\.\/x" is no name of a file in \/data; choose/);
    assert.equal(pathIn('/', 'x'), '/x');
    assert.equal(pathIn('.', 'x'), 'x');
  });
});
