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

  it('shows what every rank can explain and the singular values, where the rank was given too', async () => {
    const scree = {
      kind: 'singular-values' as const,
      values: [40, 8, 4, 1, 0],
      complete: true,
      explainedVariance: [0.7, 0.8, 0.9, 1, 1],
    };
    const { statistics, ...state } = digitsDone();
    assert.ok(statistics);
    await inspector().show({ ...state, rank: 2, scree, statistics: { ...statistics, explainedVariance: 0.75 } });
    const text = (await section().innerText()).replace(/\s+/g, ' ');
    assert.ok(
      text.includes('A matrix of rank 2 can explain 80 % of the variance at most; this result explains 75 %.'),
      text,
    );
    assert.ok(!text.includes('Held-Out') && !text.includes('Cophenetic'), text);
    const { explained, singular } = (await inspector().describe()).ranks;
    assert.deepEqual(explained.lines, [scree.explainedVariance.map((y, k) => ({ x: k + 1, y })), [{ x: 2, y: 0.75 }]]);
    // From 40 to 1 is much, and 0 has no logarithm.
    assert.deepEqual(
      [singular.scale, singular.lines],
      ['logarithmic', [[40, 8, 4, 1].map((y, k) => ({ x: k + 1, y }))]],
    );
    const label = await section().locator('canvas:visible').first().getAttribute('aria-label');
    assert.match(label ?? '', /^Explained Variance by rank\. at most, 1: 70 %, 2: 80 %.* this result, 2: 75 %$/);
  });

  it('has all of it in a table, which stays unfolded', async () => {
    const scree = { kind: 'singular-values' as const, values: [9, 3], complete: false, explainedVariance: [0.5, 0.6] };
    const more = [{}, { cophenetic: 0.97, explainedVariance: 0.58 }, {}];
    const state = { ...digitsDone(), rank: 2, scree, rankCurve: curve.map((point, k) => ({ ...point, ...more[k] })) };
    await inspector().show(state);
    await section().locator('summary').click();
    assert.deepEqual(await inspector().table('.ranks'), [
      ['Rank', 'Held-out loss', 'Fits explain', 'Cophenetic', 'Explains at most', 'Singular value'],
      ['1', '19 ± 0.2', '–', '–', '50 %', '9'],
      ['2 this result', '12 ± 0.3', '58 %', '0.97', '60 %', '3'],
      ['4', '11.8 ± 0.4', '–', '–', '–', '–'],
    ]);
    const { agreement, explained } = (await inspector().describe()).ranks;
    assert.deepEqual(agreement.lines, [[{ x: 2, y: 0.97 }]]);
    assert.equal(explained.lines.length, 3);
    await inspector().page.waitForTimeout(300);
    await inspector().reload();
    await inspector().show(state);
    assert.equal(await section().locator('table').isVisible(), true);
  });

  it('has a logarithmic axis where the losses differ much', async () => {
    await inspector().show({ ...digitsDone(), rankCurve: [...curve, { rank: 9, error: 140, standardError: 40 }] });
    assert.equal((await inspector().describe()).ranks.scale, 'logarithmic');
  });
});
