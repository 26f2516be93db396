import assert from 'node:assert/strict';
import { parseRank } from '../../../src/commands/rank';

describe('parseRank', () => {
  it('reads a whole number, with spaces around it or not', () => {
    assert.equal(parseRank('10'), 10);
    assert.equal(parseRank(' 3 '), 3);
  });

  it('answers anything else with what a rank must be', () => {
    for (const text of ['', '  ', '0', '-4', '2.5', 'ten', '1e400', 'Infinity']) {
      const answer = parseRank(text);
      assert.equal(typeof answer, 'string', `${JSON.stringify(text)} was taken for ${answer}`);
    }
  });
});
