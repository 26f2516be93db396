import assert from 'node:assert/strict';
import { parseRank } from '../../../src/commands/rank';

describe('parseRank', () => {
  it('reads a whole number, with spaces around it or not', () => {
    assert.deepEqual(parseRank('10'), { rank: 10 });
    assert.deepEqual(parseRank(' 3 '), { rank: 3 });
  });

  it('leaves the rank to the data when told so, in any case', () => {
    for (const text of ['auto', 'Auto', ' AUTO ']) assert.deepEqual(parseRank(text), { rank: 'auto' });
  });

  it('answers anything else with what a rank must be', () => {
    for (const text of ['', '  ', '0', '-4', '2.5', 'ten', '1e400', 'Infinity', 'automatic']) {
      const answer = parseRank(text);
      assert.ok('problem' in answer, `${JSON.stringify(text)} was taken for a rank`);
      assert.match(answer.problem, /auto/);
    }
  });
});
