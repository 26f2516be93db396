import assert from 'node:assert/strict';
import type { FactorsView, InspectorState } from '../../../src/protocol/inspector';
import type { MatrixPreview } from '../../../src/factorization/progress';
import { digitsDone } from './digits';
import { useInspector } from './use-inspector';

function matrix(rows: number, columns: number, value: (row: number, column: number) => number): MatrixPreview {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => value(Math.floor(i / columns), i % columns));
  return { rows, columns, rowStep: 1, columnStep: 1, values };
}

function result(W: MatrixPreview, H: MatrixPreview, labels: Omit<FactorsView, 'W' | 'H'> = {}): InspectorState {
  const { reading: _reading, ...state } = digitsDone();
  return { ...state, rows: W.rows, columns: H.columns, rank: W.columns, factors: { W, H, ...labels } };
}

describe('the scale of a heatmap', function () {
  this.timeout(60_000);
  const inspector = useInspector();
  /** Three components, the second a thousand times the first; one outlier of the first. */
  const W = matrix(200, 2, (row, column) =>
    column === 0 ? (row === 7 ? 500 : (row % 10) / 10) : 1000 * ((row % 10) + 1),
  );
  const flat = matrix(2, 3, (row, column) => row + column);

  const bar = (name: 'W' | 'H') =>
    inspector().page.locator(`[data-factor=${name}] canvas.colour-bar`).getAttribute('aria-label');
  const choose = async (name: string) => {
    await inspector().page.getByRole('group', { name: 'Colours of W' }).getByRole('button', { name }).click();
    await inspector().settle();
  };
  /** A point inside a cell. */
  const inside = async (row: number, column: number): Promise<[number, number]> => {
    const { plot, cellWidth, cellHeight } = (await inspector().describe()).W;
    return [plot.left + (column + 0.3) * cellWidth, plot.top + (row + 0.5) * cellHeight];
  };
  const shade = async (row: number, column: number) => {
    const [red, green, blue] = await inspector().pixel('W', ...(await inside(row, column)));
    return red + green + blue;
  };

  it('ends where nearly all cells do, says what lies beyond, and leaves the values true', async () => {
    const outlier = matrix(100, 2, (row, column) =>
      row === 50 && column === 1 ? 900 : ((row * 2 + column) % 10) / 10,
    );
    await inspector().show(result(outlier, flat));
    const { range } = (await inspector().describe()).W;
    assert.ok(range.high < 1 && range.high >= 0.8, JSON.stringify(range));
    assert.equal(range.low, 0);
    assert.match((await bar('W')) ?? '', /from 0 to 0\.9; values beyond have the colour of the end/);
    await inspector().focus('W');
    await inspector().hover('W', ...(await inside(50, 1)));
    assert.match(await inspector().tooltip('W'), /row 51 component 2 value 900/);
    // No outlier, nothing cut off.
    assert.match((await bar('H')) ?? '', /from 0 to 3$/);
  });

  it('ends on both sides alike where there are both signs', async () => {
    const outliers = matrix(200, 2, (row, column) => (row === 3 ? -70 : row === 4 ? 5 : column === 0 ? 0.5 : -0.4));
    await inspector().show(result(outliers, flat));
    const { range } = (await inspector().describe()).W;
    assert.deepEqual([range.kind, range.low], ['diverging', -range.high]);
    assert.ok(range.high <= 5);
  });

  it('can be one for each component, which is labelled, tells its numbers and is remembered', async () => {
    await inspector().show(result(W, flat));
    assert.ok(Math.abs((await shade(9, 0)) - (await shade(0, 0))) < 12, 'one component hides the other');
    await choose('By component');
    assert.ok(Math.abs((await shade(9, 0)) - (await shade(0, 0))) > 150, 'its own scale shows it');
    assert.match((await bar('W')) ?? '', /each component from 0 % to 100 %/);
    await inspector().hover('W', ...(await inside(9, 0)));
    assert.match(await inspector().tooltip('W'), /component 1 value 0\.9/);
    assert.match((await bar('W')) ?? '', /component 1 from 0 to 0\.9; values beyond/);
    await inspector().page.waitForTimeout(250);
    await inspector().reload();
    await inspector().show(result(W, flat));
    const pressed = inspector()
      .page.getByRole('group', { name: 'Colours of W' })
      .getByRole('button', { pressed: true });
    assert.equal(await pressed.innerText(), 'By component');
    assert.ok(Math.abs((await shade(9, 0)) - (await shade(0, 0))) > 150);
    await choose('One scale');
    assert.ok(Math.abs((await shade(9, 0)) - (await shade(0, 0))) < 12);
  });
});

describe('the labels of a heatmap', function () {
  this.timeout(60_000);
  const inspector = useInspector();

  /** Every text that is drawn from now on, without the marks that isolate it. */
  const watch = () =>
    inspector().page.evaluate<unknown>(
      'window.drawn = []; const draw = CanvasRenderingContext2D.prototype.fillText; CanvasRenderingContext2D.prototype.fillText = function (text, ...at) { window.drawn.push(text.replace(/[\\u2068\\u2069]/g, "")); return draw.call(this, text, ...at); };',
    );
  /** The labels among what the last drawing wrote. */
  const labelsDrawn = async (pattern: RegExp) => {
    await inspector().page.evaluate<unknown>('window.drawn.length = 0');
    await inspector().page.setViewportSize({ width: 1190, height: 900 });
    await inspector().settle();
    await inspector().page.setViewportSize({ width: 1200, height: 900 });
    await inspector().page.evaluate<unknown>('window.drawn.length = 0');
    await inspector().page.setViewportSize({ width: 1201, height: 900 });
    await inspector().settle();
    const drawn = await inspector().page.evaluate<string[]>('window.drawn');
    return drawn.filter((text) => pattern.test(text));
  };

  it('name neighbours of one name once, beside a band that spans them', async () => {
    await watch();
    const species = ['Adelie', 'Gentoo', 'Chinstrap'];
    const rowLabels = Array.from({ length: 300 }, (_, row) => species[Math.floor(row / 100)] ?? '');
    await inspector().show(
      result(
        matrix(300, 2, (row) => row),
        matrix(2, 3, () => 1),
        { rowLabels },
      ),
    );
    assert.deepEqual([...new Set(await labelsDrawn(/^(Adelie|Gentoo|Chinstrap)$/))].length, 3);
    const drawn = await labelsDrawn(/^(Adelie|Gentoo|Chinstrap)$/);
    assert.equal(drawn.length % 3, 0);
    const { plot, cellHeight } = (await inspector().describe()).W;
    const bar = (row: number) => inspector().pixel('W', plot.left - 4, plot.top + row * cellHeight);
    for (const row of [10, 50, 150, 250]) assert.ok((await bar(row))[3] > 200, `a band beside row ${row}`);
    assert.ok((await bar(100))[3] < 200, 'a gap between two bands');
  });

  it('do not say twice in one drawing what holds of single rows among many', async () => {
    await watch();
    const rowLabels = Array.from({ length: 1797 }, (_, row) => `digit-${(row * 7) % 10}`);
    await inspector().show(
      result(
        matrix(1797, 2, (row) => row),
        matrix(2, 3, () => 1),
        { rowLabels },
      ),
    );
    const drawn = await labelsDrawn(/^digit-/);
    const times = new Map<string, number>();
    for (const label of drawn) times.set(label, (times.get(label) ?? 0) + 1);
    assert.ok(times.size > 0);
    assert.equal(new Set(times.values()).size, 1, `each as often as the others: ${JSON.stringify([...times])}`);
    assert.ok(drawn.length <= 10 * 3, `${drawn.length} labels`);
  });

  it('are written out where there is room for them', async () => {
    await watch();
    const columnLabels = Array.from({ length: 40 }, (_, column) => `a longer name of column ${column + 100}`);
    await inspector().show(
      result(
        matrix(5, 2, (row) => row),
        matrix(2, 40, () => 1),
        { columnLabels },
      ),
    );
    const drawn = await labelsDrawn(/^a longer/);
    assert.ok(drawn.length > 0);
    for (const label of drawn) assert.ok(!label.endsWith('…'), label);
  });
});
