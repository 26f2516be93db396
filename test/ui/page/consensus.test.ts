import type { ConsensusMatrix } from '../../../src/factorization/diagnostics/findings';
import assert from 'node:assert/strict';
import { digitsDone } from './digits';
import { themes } from './themes';
import { useInspector } from './use-inspector';

/** Rows 3, 5, 8 and 10: 3 and 8 always together, 5 and 10 in half of the restarts. */
const consensus: ConsensusMatrix = {
  kind: 'consensus',
  restarts: 4,
  rows: [2, 4, 7, 9],
  // prettier-ignore
  matrix: Float32Array.of(
    1, 0, 1, 0.25,
    0, 1, 0, 0.5,
    1, 0, 1, 0.25,
    0.25, 0.5, 0.25, 1,
  ),
  order: [0, 2, 1, 3],
  clusters: [2, 2],
  cophenetic: 0.9375,
  dispersion: 0.6,
};

describe('the agreement of the restarts', function () {
  this.timeout(60_000);
  const inspector = useInspector();
  const section = () => inspector().page.locator('.consensus');
  const show = () => inspector().show({ ...digitsDone(), consensus });

  /** A point inside a cell of the heatmap, CSS pixels of its canvas. */
  const inside = async (row: number, column: number): Promise<[number, number]> => {
    const { plot, cellWidth, cellHeight } = (await inspector().describe()).consensus;
    return [plot.left + (column + 0.12) * cellWidth, plot.top + (row + 0.15) * cellHeight];
  };

  it('is not drawn where there is none', async () => {
    await inspector().show(digitsDone());
    assert.equal(await section().isVisible(), false);
    await inspector().show({ ...digitsDone(), consensus: { kind: 'none', reason: 'There was one.' } });
    assert.equal(await section().isVisible(), false);
  });

  it('is a square with the rows in the order of their clusters, in the colours of the theme', async () => {
    await show();
    const { range, plot } = (await inspector().describe()).consensus;
    assert.deepEqual(range, { kind: 'sequential', low: 0, high: 1 });
    assert.ok(Math.abs(plot.width / plot.height - 1) < 0.15, JSON.stringify(plot));
    const colours = async () => {
      const found: string[] = [];
      for (let row = 0; row < 4; row++) {
        for (let column = 0; column < 4; column++) {
          found.push((await inspector().pixel('consensus', ...(await inside(row, column)))).join());
        }
      }
      return found;
    };
    // The ends of viridis, and of mako reversed: rows 3 and 8 side by side.
    const [dark0, dark1] = ['68,1,84,255', '253,231,37,255'];
    const dark = await colours();
    assert.deepEqual(
      [dark[0], dark[1], dark[2], dark[4], dark[5], dark[6], dark[10]],
      [dark1, dark1, dark0, dark1, dark1, dark0, dark1],
    );
    assert.equal(new Set(dark).size, 4);
    await inspector().setTheme(themes.light);
    const light = await colours();
    assert.deepEqual([light[0], light[2]], ['11,4,5,255', '222,245,229,255']);
  });

  it('tells rows by their labels and numbers, under the pointer and by the keyboard', async () => {
    await show();
    const labels = digitsDone().factors?.rowLabels ?? [];
    await inspector().hover('consensus', ...(await inside(1, 3)));
    assert.equal(await inspector().tooltip('consensus'), `row ${labels[7]} no. 8 row ${labels[9]} no. 10 value 0.25`);
    await inspector().focus('consensus');
    await inspector().press('Control+Home', 'ArrowDown', 'ArrowDown');
    const spoken = await section().locator('[aria-live]').innerText();
    assert.equal(spoken, `row 5, ${labels[4]}; row 3, ${labels[2]}; value 0`);
  });

  it('has its figures and its clusters in words and numbers', async () => {
    await show();
    const text = (await section().innerText()).replace(/\s+/g, ' ');
    for (const part of [
      'the 4 restarts',
      '4 of 1,797 rows, drawn at random',
      '0.9375 of at most 1',
      '0.6 of at most 1',
    ]) {
      assert.ok(text.includes(part), `${part}: ${text}`);
    }
    assert.deepEqual(await inspector().table('.consensus'), [
      ['Cluster', 'Rows', 'Within', 'With others'],
      ['1', '2', '100 %', '12.5 %'],
      ['2', '2', '50 %', '12.5 %'],
    ]);
  });

  it('fits a narrow page', async () => {
    await inspector().page.setViewportSize({ width: 500, height: 900 });
    await show();
    const wide = await inspector().page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(wide <= 500, String(wide));
    const { plot } = (await inspector().describe()).consensus;
    assert.ok(Math.abs(plot.width / plot.height - 1) < 0.2, JSON.stringify(plot));
  });
});
