import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cellsAt, plan } from '../../../webview/heatmap/plan';
import { Pyramid } from '../../../webview/heatmap/pyramid';
import { Viewport } from '../../../webview/heatmap/viewport';

/** The largest magnitude among rows and columns [from, to), by looking at every cell. */
function largest(
  values: Float32Array,
  width: number,
  rows: { from: number; to: number },
  columns: { from: number; to: number },
): number {
  let magnitude = 0;
  for (let i = rows.from; i < rows.to; i++)
    for (let j = columns.from; j < columns.to; j++)
      magnitude = Math.max(magnitude, Math.abs(values[i * width + j] ?? 0));
  return magnitude;
}

const matrix = fc
  .record({ rows: fc.integer({ min: 1, max: 40 }), columns: fc.integer({ min: 1, max: 40 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      values: fc.float32Array({ minLength: rows * columns, maxLength: rows * columns, noNaN: true }),
    }),
  );

describe('Pyramid', () => {
  it('holds in every cell of every level the signed value of largest magnitude of its block', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), (base, k, l) => {
        const level = new Pyramid(base).level(k, l);
        assert.equal(level.rows, Math.ceil(base.rows / 2 ** k));
        assert.equal(level.columns, Math.ceil(base.columns / 2 ** l));
        for (let i = 0; i < level.rows; i++)
          for (let j = 0; j < level.columns; j++) {
            const rows = { from: i * 2 ** k, to: Math.min((i + 1) * 2 ** k, base.rows) };
            const columns = { from: j * 2 ** l, to: Math.min((j + 1) * 2 ** l, base.columns) };
            const value = level.values[i * level.columns + j] ?? NaN;
            assert.equal(Math.abs(value), largest(base.values, base.columns, rows, columns));
            assert.ok(base.values.includes(value), 'the value keeps its sign');
          }
      }),
      { numRuns: 100 },
    );
  });

  it('lets a NaN through to every level', () => {
    const values = new Float32Array(64).fill(9);
    values[37] = NaN;
    const top = new Pyramid({ rows: 8, columns: 8, values }).level(3, 3);
    assert.deepEqual(Array.from(top.values), [NaN]);
  });
});

describe('plan', () => {
  const spans = fc.record({
    count: fc.integer({ min: 1, max: 100_000 }),
    pixels: fc.integer({ min: 1, max: 2000 }),
    zoom: fc.double({ min: 0.001, max: 1, noNaN: true }),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('covers every cell in view, with no more entries than pixels and three cells an entry', () => {
    fc.assert(
      fc.property(spans, ({ count, pixels, zoom, place }) => {
        const visible = Math.max(count * zoom, Math.min(count, 1));
        const span = { start: (count - visible) * place, scale: visible / pixels, pixels };
        const { level, from, to } = plan(span, count);
        assert.ok(from.length <= pixels + 2, `${from.length} entries for ${pixels} pixels`);
        const block = 2 ** level;
        let covered = Math.floor(span.start);
        from.forEach((first, i) => {
          const end = to[i] ?? 0;
          assert.ok(end - first >= 1 && end - first <= 3, `entry ${i} looks at ${end - first} cells`);
          assert.ok(first * block <= covered, `a gap before entry ${i}`);
          covered = Math.max(covered, end * block);
        });
        assert.ok(covered >= Math.floor(span.start + visible - 1e-6), 'the last cell in view is drawn');
      }),
    );
  });

  it('names for a pixel the cells that give it its colour', () => {
    assert.deepEqual(cellsAt({ start: 0, scale: 100, pixels: 600 }, 300, 60_000), { from: 29_952, to: 30_144 });
    assert.deepEqual(cellsAt({ start: 10.5, scale: 0.1, pixels: 100 }, 7, 1000), { from: 11, to: 12 });
  });
});

describe('Viewport', () => {
  it('widens the finer direction until cells are square, and comes back the same way', () => {
    const view = new Viewport();
    view.resize(6000, 10, 400, 300);
    assert.deepEqual([view.cellWidth, view.cellHeight], [40, 0.05]);
    view.zoom(100, 0, 0);
    assert.deepEqual([view.cellWidth, view.cellHeight], [40, 5]);
    view.zoom(10, 0, 0);
    assert.deepEqual([view.cellWidth, view.cellHeight], [50, 50]);
    view.zoom(1 / 1000, 0, 0);
    assert.deepEqual([view.cellWidth, view.cellHeight, view.canZoomOut], [40, 0.05, false]);
  });

  it('keeps the point under the pointer in place while it zooms', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 0.8, noNaN: true }),
        fc.double({ min: 1.1, max: 4, noNaN: true }),
        (place, factor) => {
          const view = new Viewport();
          view.resize(1000, 1000, 500, 500);
          view.zoom(8, 250, 250);
          const [x, y] = [500 * place, 500 * (1 - place)];
          const before = [view.column + x / view.cellWidth, view.row + y / view.cellHeight];
          view.zoom(factor, x, y);
          const after = [view.column + x / view.cellWidth, view.row + y / view.cellHeight];
          before.forEach((value, i) => assert.ok(Math.abs(value - (after[i] ?? NaN)) < 1e-6));
        },
      ),
    );
  });

  it('never shows more than the matrix, wherever it is panned', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: -3000, max: 3000 }))),
        (moves) => {
          const view = new Viewport();
          view.resize(200, 300, 400, 300);
          view.zoom(6, 10, 10);
          for (const [dx, dy] of moves) view.pan(dx, dy);
          assert.ok(view.row >= 0 && view.row + view.height / view.cellHeight <= 200 + 1e-9);
          assert.ok(view.column >= 0 && view.column + view.width / view.cellWidth <= 300 + 1e-9);
        },
      ),
    );
  });

  it('says that nothing moved at an edge, so that the page may scroll instead', () => {
    const view = new Viewport();
    view.resize(100, 100, 100, 100);
    assert.equal(view.pan(5, 5), false);
    view.zoom(4, 0, 0);
    assert.equal(view.pan(0, -5), false);
    assert.equal(view.pan(0, 5), true);
  });
});
