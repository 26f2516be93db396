import assert from 'node:assert/strict';
import type { FactorsView, InspectorState } from '../../../src/protocol/inspector';
import type { MatrixPreview } from '../../../src/factorization/progress';
import { digitsDone, digitsRunning, emptyState } from './digits';
import { InspectorPage } from './inspector-page';
import { useSite } from './site';
import { themes } from './themes';

function matrix(rows: number, columns: number, value: (row: number, column: number) => number): MatrixPreview {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => value(Math.floor(i / columns), i % columns));
  return { rows, columns, rowStep: 1, columnStep: 1, values };
}

function done(W: MatrixPreview, H: MatrixPreview, labels: Omit<FactorsView, 'W' | 'H'> = {}): InspectorState {
  const { facts: _facts, reading: _reading, warnings: _warnings, ...rest } = digitsDone();
  return {
    ...rest,
    facts: [],
    warnings: [],
    rows: W.rows,
    columns: H.columns,
    rank: W.columns,
    factors: { W, H, ...labels },
  };
}

type Colour = readonly number[];

function hex(text: string): Colour {
  return [0, 2, 4].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
}

function assertColour(actual: Colour, expected: Colour, tolerance: number, what: string): void {
  const far = Math.max(...expected.map((level, band) => Math.abs(level - (actual[band] ?? NaN))));
  assert.ok(far <= tolerance, `${what}: [${actual.slice(0, 3).join(', ')}] is not [${expected.join(', ')}]`);
  assert.equal(actual[3], 255, `${what} is opaque`);
}

// Entries of the published 256-colour tables: viridis from matplotlib, mako from seaborn.
const viridis: Record<number, string> = {
  0: '440154',
  20: '481d6f',
  100: '2a768e',
  177: '40bd72',
  230: 'bddf26',
  255: 'fde725',
};
const mako: Record<number, string> = {
  0: '0b0405',
  20: '201322',
  100: '3a5b9b',
  177: '3cb2ad',
  230: 'a9e1bd',
  255: 'def5e5',
};

// OKLCH to sRGB by inverting the forward matrices of OKLab's definition numerically (numpy), for values −1 … 1 of a
// range of ±1: lightness .22 → .80 on dark and .97 → .42 on light.
const signed = [-1, -0.5, -0.25, 0, 0.25, 0.5, 1];
const diverging = {
  dark: [
    [116, 198, 255],
    [54, 107, 149],
    [40, 65, 86],
    [27, 27, 27],
    [90, 50, 41],
    [156, 74, 58],
    [255, 147, 120],
  ],
  light: [
    [0, 75, 151],
    [114, 160, 218],
    [177, 202, 235],
    [245, 245, 245],
    [238, 186, 178],
    [218, 128, 117],
    [144, 18, 17],
  ],
};

/** A point well inside a cell and clear of its value, CSS pixels of the canvas, while the whole matrix is shown. */
async function inside(
  inspector: InspectorPage,
  factor: 'W' | 'H',
  [row, column]: [number, number],
): Promise<[number, number]> {
  const { plot, cellWidth, cellHeight } = (await inspector.describe())[factor];
  return [plot.left + (column + 0.12) * cellWidth, plot.top + (row + 0.15) * cellHeight];
}

describe('heatmaps', function () {
  this.timeout(60_000);
  const site = useSite();
  let inspector: InspectorPage;

  async function open(options: Parameters<typeof InspectorPage.open>[1] = {}): Promise<void> {
    inspector = await InspectorPage.open(site(), options);
  }

  afterEach(async () => {
    await inspector.close();
    assert.deepEqual(inspector.faults, []);
  });

  for (const ratio of [1, 1.5, 2]) {
    it(`draw cells of one sign in the published colours at ${ratio} device pixels a pixel`, async () => {
      await open({ ratio });
      const places = Object.keys(viridis).map(Number);
      const W = matrix(places.length, 2, (row, column) => (column === 0 ? (places[row] ?? 0) / 255 : 0));
      await inspector.show(
        done(
          W,
          matrix(2, 3, () => 0),
        ),
      );
      for (const [row, place] of places.entries()) {
        const [x, y] = await inside(inspector, 'W', [row, 0]);
        assertColour(await inspector.pixel('W', x, y), hex(viridis[place] ?? ''), 3, `viridis at ${place}/255`);
      }
      const { range } = (await inspector.describe()).W;
      assert.deepEqual(range, { kind: 'sequential', low: 0, high: 1 });
    });
  }

  it('draw one sign light at zero on a light page', async () => {
    await open({ theme: themes.light });
    const places = Object.keys(mako).map(Number);
    const W = matrix(places.length, 2, (row, column) => (column === 0 ? 1 - (places[row] ?? 0) / 255 : 0));
    await inspector.show(
      done(
        W,
        matrix(2, 3, () => 0),
      ),
    );
    for (const [row, place] of places.entries()) {
      const [x, y] = await inside(inspector, 'W', [row, 0]);
      assertColour(await inspector.pixel('W', x, y), hex(mako[place] ?? ''), 3, `mako at ${place}/255`);
    }
  });

  it('draw both signs on a scale centred at zero, and recolour when the theme changes', async () => {
    await open();
    const H = matrix(2, 7, (row, column) => (row === 0 ? (signed[column] ?? 0) : 0.3));
    await inspector.show(
      done(
        matrix(5, 2, () => 1),
        H,
      ),
    );
    for (const theme of ['dark', 'light', 'dark'] as const) {
      await inspector.setTheme(themes[theme]);
      for (const [column, value] of signed.entries()) {
        const [x, y] = await inside(inspector, 'H', [0, column]);
        const expected = diverging[theme][column] ?? [];
        assertColour(await inspector.pixel('H', x, y), expected, 2, `${value} on ${theme}`);
      }
    }
    await inspector.setTheme(themes.highContrastLight);
    const [x, y] = await inside(inspector, 'H', [0, 6]);
    assertColour(await inspector.pixel('H', x, y), diverging.light[6] ?? [], 2, '1 on high-contrast light');
  });

  it('tell row, column and value under the pointer, by name and number', async () => {
    await open();
    const labels = { rowLabels: ['ada', 'bob', 'cyd'], columnLabels: ['age', 'weight'] };
    const H = matrix(4, 2, (row, column) => row - 10 * column);
    await inspector.show(
      done(
        matrix(3, 4, (row, column) => row + column / 8),
        H,
        labels,
      ),
    );
    await inspector.hover('W', ...(await inside(inspector, 'W', [1, 2])));
    assert.equal(await inspector.tooltip('W'), 'row bob no. 2 component 3 value 1.25');
    await inspector.hover('H', ...(await inside(inspector, 'H', [3, 1])));
    assert.equal(await inspector.tooltip('H'), 'component 4 column weight no. 2 value −7');
    await inspector.page.mouse.move(2, 2);
    await inspector.settle();
    assert.equal(await inspector.page.locator('.tooltip:visible').count(), 0);
  });

  it('show labels that look like markup as text', async () => {
    await open();
    const hostile = '<img src=x onerror="window.hacked=1">';
    const labels = { rowLabels: [hostile, hostile], columnLabels: [hostile, hostile] };
    await inspector.show({
      ...done(
        matrix(2, 2, (row) => row),
        matrix(2, 2, (_, column) => column),
        labels,
      ),
      source: hostile,
      warnings: [hostile],
      facts: [{ label: hostile, value: hostile }],
      reading: {
        kind: 'table',
        delimiter: hostile,
        encoding: hostile,
        decimal: '.',
        header: true,
        features: [hostile],
        label: hostile,
        leftOut: [{ column: hostile, reason: hostile }],
      },
    });
    await inspector.hover('W', ...(await inside(inspector, 'W', [1, 0])));
    assert.ok((await inspector.tooltip('W')).includes(hostile));
    await inspector.page.locator('.reading summary').click();
    const text = await inspector.page.locator('#inspector').innerText();
    assert.ok(text.split(hostile).length > 8, 'every place shows it as it stands');
    assert.equal(await inspector.page.locator('img').count(), 0);
    assert.equal(await inspector.page.evaluate<string>('typeof hacked'), 'undefined');
  });

  it('are read cell by cell with the keyboard, aloud', async () => {
    await open();
    await inspector.show(digitsDone());
    const values = digitsDone().factors?.H.values ?? new Float32Array();
    const spoken = (): Promise<string> => inspector.page.locator('[data-factor=H] [aria-live]').innerText();
    await inspector.focus('H');
    await inspector.press('ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight');
    const { selection } = (await inspector.describe()).H;
    assert.deepEqual([selection?.row, selection?.column, selection?.value], [1, 3, values[64 + 3]]);
    assert.match(await spoken(), /^component 2; column 4, r0c3; value −?0\.\d+$/);
    await inspector.press('End');
    assert.match(await spoken(), /^component 2; column 64, r7c7; value/);
    await inspector.press('Control+Home');
    assert.match(await spoken(), /^component 1; column 1, r0c0; value/);
    await inspector.press('+', '+', 'PageDown', 'End');
    const zoomed = (await inspector.describe()).H;
    assert.ok(zoomed.column > 0, 'the view follows the cursor');
    await inspector.press('0', 'Escape');
    const fitted = (await inspector.describe()).H;
    assert.deepEqual([fitted.row, fitted.column, fitted.selection], [0, 0, undefined]);
  });

  it('say what they are to those who do not see them', async () => {
    await open();
    await inspector.show(
      done(
        matrix(3, 2, (row) => row - 1),
        matrix(2, 5, () => 0.25),
      ),
    );
    const label = await inspector.page.locator('[data-factor=W] .heatmap-canvas').getAttribute('aria-label');
    assert.match(label ?? '', /^W, 3 rows × 2 components, values from −1 to 1\./);
    const scale = await inspector.page.locator('[data-factor=H] .colour-bar').getAttribute('aria-label');
    assert.equal(scale, 'Colour scale of values from 0 to 0.25');
  });

  it('number the rows of a thinned factor as those of the whole', async () => {
    await open();
    await inspector.show(digitsRunning());
    await inspector.focus('W');
    await inspector.press('ArrowDown', 'ArrowDown', 'ArrowDown');
    const { selection } = (await inspector.describe()).W;
    const whole = digitsDone().factors?.W;
    assert.equal(selection?.row, 8, 'the third drawn row is the ninth');
    assert.equal(selection?.value, whole?.values[8 * 10]);
    assert.match(await inspector.page.locator('[data-factor=W] .heatmap-shape').innerText(), /1 row in 4 drawn/);
  });

  it('draw degenerate matrices: one cell, one row, all zero, nothing at all', async () => {
    await open();
    for (const [rows, columns] of [
      [1, 1],
      [1, 5000],
      [5000, 1],
    ] as const) {
      await inspector.show(
        done(
          matrix(rows, 1, () => 0),
          matrix(1, columns, () => -1),
        ),
      );
      const { W, H } = await inspector.describe();
      assert.ok(W.cost.cellsRead > 0 && H.cost.cellsRead > 0);
    }
    await inspector.show(emptyState({ status: 'reading' }));
    assert.equal(await inspector.page.locator('.heatmap:visible').count(), 0);
  });
});

describe('a heatmap of 60,000 rows and 50 components', function () {
  this.timeout(120_000);
  const site = useSite();
  let inspector: InspectorPage;
  const rows = 60_000;
  const columns = 50;
  // A value tells where it stands: no two are alike, and float32 holds them exactly.
  const place = (row: number, column: number): number => (row * columns + column) / 2 ** 22;
  const spike = { row: 30_000, column: 7, value: 5 };
  const state = (): InspectorState =>
    done(
      matrix(rows, columns, (row, column) =>
        row === spike.row && column === spike.column ? spike.value : place(row, column),
      ),
      matrix(columns, 64, () => 1),
    );

  before(async () => {
    inspector = await InspectorPage.open(site());
    await inspector.show(state());
  });
  after(async () => {
    await inspector.close();
    assert.deepEqual(inspector.faults, []);
  });
  beforeEach(async () => {
    await inspector.focus('W');
    await inspector.press('0', 'Escape');
  });

  it('draws all of it by looking at a few cells a pixel, and loses no outlier', async () => {
    // The second drawing does not make the aggregates any more.
    await inspector.hover('W', 200, 100);
    const { plot, cost, cellWidth, cellHeight } = (await inspector.describe()).W;
    assert.ok(cost.pixels <= (plot.width + 1) * (plot.height + 1));
    assert.ok(cost.cellsRead <= 9 * cost.pixels, `${cost.cellsRead} cells for ${cost.pixels} pixels`);
    assert.ok(cost.cellsRead < (rows * columns) / 20, `${cost.cellsRead} of ${rows * columns} cells`);
    const x = plot.left + (spike.column + 0.5) * cellWidth;
    const y = plot.top + (spike.row + 0.5) * cellHeight;
    assertColour(await inspector.pixel('W', x, y), hex('fde725'), 1, 'the outlier');
    await inspector.hover('W', x, y);
    assert.match(await inspector.tooltip('W'), /^row 30,001 component 8 value 5 the largest of \d+ cells/);
  });

  it('pans by dragging, wheel and keys at the same small cost, and still tells the right cell', async () => {
    await inspector.focus('W');
    await inspector.press(...Array<string>(26).fill('+'));
    const read = async (): Promise<{ row: number; column: number }> => {
      const { plot, selection, cost } = (await inspector.describe()).W;
      assert.ok(selection !== undefined);
      assert.equal(selection.value, place(selection.row, selection.column), 'the value of that very cell');
      assert.ok(cost.cellsRead <= (plot.width / 64 + 2) * (plot.height / 64 + 2), `${cost.cellsRead} cells read`);
      return selection;
    };
    const at = { x: 240, y: 210 };
    await inspector.hover('W', at.x, at.y);
    const before = await read();
    const from = await inspector.point('W', at.x, at.y);
    await inspector.page.mouse.down();
    await inspector.page.mouse.move(from.x - 64, from.y - 128, { steps: 7 });
    await inspector.page.mouse.up();
    await inspector.hover('W', at.x, at.y);
    // Cells are 64 pixels wide: dragged by (−64, −128), one column and two rows further lie there.
    const dragged = await read();
    assert.deepEqual([dragged.row - before.row, dragged.column - before.column], [2, 1]);
    assert.equal(
      await inspector.tooltip('W').then((text) => text.split(' ')[1]),
      (dragged.row + 1).toLocaleString('en'),
    );
    await inspector.page.mouse.wheel(0, 64 * 100);
    await inspector.settle();
    const wheeled = await read();
    assert.deepEqual([wheeled.row - dragged.row, wheeled.column - dragged.column], [100, 0]);
    const { row } = (await inspector.describe()).W;
    await inspector.press('Shift+ArrowUp');
    const { plot, row: panned, cellHeight } = (await inspector.describe()).W;
    assert.ok(Math.abs(row - panned - plot.height / 8 / cellHeight) < 1e-6, 'an eighth of the view');
  });

  it('zooms about the pointer', async () => {
    await inspector.hover('W', 240, 100);
    const under = async (): Promise<number> => {
      const { row, plot, cellHeight } = (await inspector.describe()).W;
      return row + (100 - plot.top) / cellHeight;
    };
    const before = await under();
    await inspector.page.keyboard.down('Control');
    for (let i = 0; i < 5; i++) await inspector.page.mouse.wheel(0, -200);
    await inspector.page.keyboard.up('Control');
    await inspector.settle();
    const { cellHeight, plot } = (await inspector.describe()).W;
    // Wheel events have whole coordinates: before zooming a pixel is that many rows.
    const pixel = rows / plot.height;
    assert.ok(Math.abs((await under()) - before) <= pixel, 'the same rows lie under the pointer');
    assert.ok(Math.abs(cellHeight / (plot.height / rows) - Math.exp(5)) < 1, 'each turn zooms by e');
  });
});
