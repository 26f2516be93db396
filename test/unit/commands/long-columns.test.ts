import assert from 'node:assert/strict';
import { parseLongColumns } from '../../../src/commands/long-columns';

describe('the columns of a table with an entry a line', () => {
  it('are three names, or four with that of a weight', () => {
    assert.deepEqual(parseLongColumns(' user, item ,rating'), {
      columns: { row: 'user', column: 'item', value: 'rating' },
    });
    assert.deepEqual(parseLongColumns('1,2,3,4'), { columns: { row: '1', column: '2', value: '3', weight: '4' } });
  });

  it('are none where nothing is named: the table is an ordinary one', () => {
    assert.deepEqual(parseLongColumns('  '), { columns: undefined });
  });

  it('are asked for again where they are too few or too many', () => {
    for (const text of ['user', 'user,item', 'user,,rating', 'user,item,rating,', 'a,b,c,d,e']) {
      assert.ok('problem' in parseLongColumns(text), text);
    }
  });
});
