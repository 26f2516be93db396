import assert from 'node:assert/strict';
import { commonPeek } from '../../../src/commands/common-peek';
import { suggestedRank } from '../../../src/commands/rank';
import { peekAt } from '../../../src/data/peek';
import type { Peek } from '../../../src/data/peek';

const peek = (text: string, name = 'table.csv'): Promise<Peek | undefined> =>
  peekAt({ kind: 'bytes', name, uri: `memory:/${name}`, bytes: Buffer.from(text) });

const ratings = (header: string, value = '4'): string =>
  [header, ...Array.from({ length: 40 }, (_, k) => `${k % 8},${(k * 3) % 5},${value},${k}`)].join('\n');

describe('What several files have in common', () => {
  it('is the columns that are in all of them, of the same kind', async () => {
    const common = commonPeek([
      await peek(ratings('userId,movieId,rating,timestamp')),
      await peek(ratings('userId,movieId,rating,note')),
      await peek(ratings('userId,movieId,rating,timestamp')),
    ]);
    assert.deepEqual(
      common?.columns.map(({ name }) => name),
      ['userId', 'movieId', 'rating'],
    );
    assert.deepEqual(common?.long, { row: 'userId', column: 'movieId', value: 'rating' });
    const other = commonPeek([
      await peek(ratings('userId,movieId,rating,timestamp')),
      await peek(ratings('userId,movieId,rating,timestamp', 'good')),
    ]);
    assert.deepEqual(
      other?.columns.map(({ name }) => name),
      ['userId', 'movieId', 'timestamp'],
    );
    assert.equal(other?.long, undefined);
  });

  it('is nothing where one is no table', async () => {
    const lines = await peek('{"text":"a whale sang"}\n', 'a.jsonl');
    assert.equal(commonPeek([await peek(ratings('a,b,c,d')), lines]), undefined);
    assert.equal(commonPeek([await peek(ratings('a,b,c,d')), undefined]), undefined);
    assert.equal(commonPeek([]), undefined);
  });
});

describe('The rank that is suggested', () => {
  it('leaves something to learn where nothing was chosen before', () => {
    assert.equal(suggestedRank(10, 5, true), 4);
    assert.equal(suggestedRank(10, 10, true), 9);
    assert.equal(suggestedRank(10, 64, true), 10);
    assert.equal(suggestedRank(10, 1, true), 1);
    assert.equal(suggestedRank(10, undefined, true), 10);
  });

  it('is the one chosen last, where the data can have it', () => {
    assert.equal(suggestedRank(5, 5, false), 5);
    assert.equal(suggestedRank(30, 5, false), 4);
    assert.equal(suggestedRank('auto', 5, false), 'auto');
  });
});
