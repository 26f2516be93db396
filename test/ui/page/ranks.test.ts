import assert from 'node:assert/strict';
import { digitsDone, emptyState } from './digits';
import { useInspector } from './use-inspector';

const curve = [
  { rank: 1, error: 19, standardError: 0.2 },
  { rank: 2, error: 12, standardError: 0.3 },
  { rank: 4, error: 11.8, standardError: 0.4 },
];

describe('the choice of the rank', function () {
  this.timeout(60_000);
  const inspector = useInspector();

  const section = () => inspector().page.locator('.ranks');

  it('is not spoken of where the rank was given', async () => {
    await inspector().show(digitsDone());
    assert.equal(await section().isVisible(), false);
  });

  it('is followed while ranks are compared', async () => {
    const rankSearch = { rank: 4, fold: 1, folds: 5 };
    const { rank: _rank, ...unchosen } = emptyState({ status: 'choosing-rank', rankSearch });
    await inspector().show({ ...unchosen, rankCurve: curve.slice(0, 2) });
    const text = (await inspector().page.locator('#inspector').innerText()).replace(/\s+/g, ' ');
    assert.ok(text.includes('rank 4, fit 2 of 5'), text);
    assert.ok(text.includes('2 ranks tried'), text);
    assert.ok(!text.includes('is the smallest'), 'nothing is chosen yet');
  });

  it('shows the loss of every rank with its standard error, and says which was chosen', async () => {
    await inspector().show({ ...digitsDone(), rank: 2, rankCurve: curve });
    assert.match(await section().innerText(), /Rank 2 is the smallest within one standard error/);
    const { ranks } = await inspector().describe();
    assert.deepEqual(
      ranks.points,
      curve.map(({ rank, error }) => ({ x: rank, y: error })),
    );
    const whiskers = ranks.whiskers.filter(({ y }) => y !== null);
    assert.deepEqual(
      whiskers.map(({ x, y }) => [x, Math.round(y * 10) / 10]),
      [
        [1, 18.8],
        [1, 19.2],
        [2, 11.7],
        [2, 12.3],
        [4, 11.4],
        [4, 12.2],
      ],
    );
    assert.equal(ranks.scale, 'linear');
    // The chosen rank is the one point in the colour of the best.
    assert.ok((await inspector().page.evaluate<number>("host.count('.ranks .chart canvas', [55, 148, 255], 12)")) > 20);
  });

  it('has a logarithmic axis where the losses differ much', async () => {
    await inspector().show({ ...digitsDone(), rankCurve: [...curve, { rank: 9, error: 140, standardError: 40 }] });
    assert.equal((await inspector().describe()).ranks.scale, 'logarithmic');
  });
});
