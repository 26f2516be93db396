import type { MatrixPreview } from '../../src/factorization/progress';
import { element, noMenu, setText } from '../dom';
import { drawing } from '../drawing-time';
import { formatCount, formatNumber, formatPercent, plural } from '../format';
import { readTheme, type Theme } from '../theme';
import { drawAxes, type Frame, frame, type Rectangle } from './axes';
import { ColourBar } from './colour-bar';
import { colourTable, extentOf } from './colour-map';
import { type Colouring, colouringOf } from './colouring';
import { type Axis, type HeatmapData, nameOf, numberOf, type Selection } from './data';
import { type Gestures, interact } from './interaction';
import { drawCellDetail, drawOutline } from './marks';
import { context2d, type PaintCost, Painter } from './painter';
import { cellsAt, type Span } from './plan';
import { Pyramid } from './pyramid';
import { Tooltip } from './tooltip';
import { type Heatmaps, Viewport, type ViewMemory } from './viewport';

const titles: Record<keyof Heatmaps, string> = { W: 'W', H: 'H', consensus: 'Consensus' };

/** A matrix drawn from its typed array: pan, zoom, point, read. */
export class Heatmap {
  readonly node: HTMLElement;
  readonly #canvas = element('canvas', {
    className: 'heatmap-canvas',
    attributes: { tabindex: '0', role: 'application', 'data-vscode-context': noMenu },
  });
  readonly #stage = element('div', { className: 'heatmap-stage' }, this.#canvas);
  readonly #shape = element('span', { className: 'heatmap-shape' });
  readonly #spoken = element('p', { className: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  readonly #bar: ColourBar;
  readonly #oneScale: HTMLButtonElement;
  readonly #ownScales: HTMLButtonElement;
  readonly #tooltip = new Tooltip();
  readonly #zoomIn: HTMLButtonElement;
  readonly #zoomOut: HTMLButtonElement;
  readonly #fit: HTMLButtonElement;
  readonly #painter = new Painter();
  readonly #view = new Viewport();
  #data: HeatmapData | undefined;
  #pyramid: Pyramid | undefined;
  #colouring: Colouring | undefined;
  /** Each component has a scale of its own. */
  #each: boolean;
  #theme: Theme = readTheme();
  #colours = colourTable('sequential', this.#theme.dark);
  #frame: Frame = { plot: { left: 0, top: 0, width: 1, height: 1 }, upright: false, labels: 0 };
  #selection: Selection | undefined;
  #remembered: ViewMemory | undefined;
  #scheduled = false;
  #cost: PaintCost = { cellsRead: 0, pixels: 0 };

  /** `changed` is called when what is in view has changed through the user. */
  constructor(
    readonly name: keyof Heatmaps,
    remembered: ViewMemory | undefined,
    readonly changed: () => void,
  ) {
    this.#remembered = remembered;
    this.#each = remembered?.each === true;
    const gestures = this.#gestures();
    const centre = (factor: number) => (): void => {
      const { width, height } = this.#frame.plot;
      gestures.zoom(factor, width / 2, height / 2);
    };
    const button = (text: string, label: string, act: () => void): HTMLButtonElement => {
      const node = element('button', {
        className: 'tool',
        text,
        attributes: { type: 'button', title: label, 'aria-label': label },
      });
      node.addEventListener('click', act);
      return node;
    };
    this.#zoomOut = button('−', `Zoom ${titles[name]} out (-)`, centre(1 / 1.5));
    this.#zoomIn = button('+', `Zoom ${titles[name]} in (+)`, centre(1.5));
    this.#fit = button('Fit', `Fit: show all of ${titles[name]} (0)`, () => gestures.fit());
    this.#oneScale = button('One scale', 'One scale: a colour means the same value everywhere', () =>
      this.#scale(false),
    );
    this.#ownScales = button('By component', 'By component: each component is coloured by its own scale', () =>
      this.#scale(true),
    );
    const scales = element(
      'span',
      { className: 'tools scales', attributes: { role: 'group', 'aria-label': `Colours of ${titles[name]}` } },
      this.#oneScale,
      this.#ownScales,
    );
    scales.hidden = name === 'consensus';
    this.#bar = new ColourBar(scales);
    this.#stage.append(this.#tooltip.node);
    this.node = element(
      'figure',
      { className: 'heatmap', attributes: { 'data-factor': name } },
      element(
        'figcaption',
        {},
        element('h3', { text: titles[name] }),
        this.#shape,
        element('span', { className: 'tools' }, this.#zoomOut, this.#zoomIn, this.#fit),
        this.#bar.node,
      ),
      this.#stage,
      this.#spoken,
    );
    interact(this.#canvas, gestures);
    this.#canvas.addEventListener('blur', () => this.#select(undefined));
    new ResizeObserver(() => this.schedule()).observe(this.#stage);
  }

  update(data: HeatmapData): void {
    this.#data = data;
    const { matrix, rows, columns } = data;
    this.#colour(data);
    const extent = extentOf(matrix.values);
    const thinned = [
      matrix.rowStep > 1 ? `1 ${rows.noun} in ${formatCount(matrix.rowStep)}` : '',
      matrix.columnStep > 1 ? `1 ${columns.noun} in ${formatCount(matrix.columnStep)}` : '',
    ].filter((part) => part !== '');
    const shape = `${plural(rows.count, rows.noun)} × ${plural(columns.count, columns.noun)}`;
    setText(this.#shape, thinned.length > 0 ? `${shape}; ${thinned.join(', ')} drawn` : shape);
    const values = `values from ${formatNumber(extent.least)} to ${formatNumber(extent.greatest)}`;
    this.#canvas.setAttribute('aria-roledescription', 'heatmap');
    this.#canvas.setAttribute(
      'aria-label',
      `${titles[this.name]}, ${shape}, ${values}. Arrow keys read cell by cell, Shift with arrows pans, plus, minus and 0 zoom.`,
    );
    if (this.#selection !== undefined) {
      this.#selection = { ...this.#selection, value: this.#valueAt(this.#selection.row, this.#selection.column) };
    }
    this.schedule();
  }

  #colour({ matrix, components }: HeatmapData): void {
    // Without components the cells are parts of a whole, and colours go up to it.
    this.#colouring = colouringOf(matrix, this.#each && components ? components : 'all', components === undefined);
    this.#pyramid = new Pyramid(this.#colouring.drawn);
    this.#oneScale.setAttribute('aria-pressed', String(!this.#each));
    this.#ownScales.setAttribute('aria-pressed', String(this.#each));
  }

  #scale(each: boolean): void {
    this.#each = each;
    if (this.#data) this.#colour(this.#data);
    this.schedule();
    this.changed();
  }

  retheme(theme: Theme): void {
    this.#theme = theme;
    this.schedule();
  }

  /** What is in view, to be restored later; absent before there is anything. */
  remember(): ViewMemory | undefined {
    const view = this.#data === undefined || this.#remembered !== undefined ? this.#remembered : this.#view.remember();
    if (view === undefined) return undefined;
    const { each: _each, ...place } = view;
    return { ...place, ...(this.#each && { each: true }) };
  }

  /** For tests and for reports of faults: what is drawn, and what the last drawing cost. */
  describe(): object {
    const { plot } = this.#frame;
    const { row, column, cellWidth, cellHeight } = this.#view;
    return {
      range: this.#colouring?.range,
      plot,
      row,
      column,
      cellWidth,
      cellHeight,
      selection: this.#selection,
      cost: this.#cost,
    };
  }

  schedule(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      requestAnimationFrame(() => {
        this.#scheduled = false;
        drawing(() => this.#draw());
      });
    }
  }

  /** The part in view, in cells of the (perhaps thinned) matrix and device pixels. */
  #spans(matrix: MatrixPreview, plot: Rectangle): { rows: Span; columns: Span } {
    const ratio = window.devicePixelRatio;
    const span = (start: number, visible: number, step: number, extent: number): Span => {
      const pixels = Math.max(Math.round(extent * ratio), 1);
      return { start: start / step, scale: visible / step / pixels, pixels };
    };
    const { row, column, cellHeight, cellWidth } = this.#view;
    return {
      rows: span(row, plot.height / cellHeight, matrix.rowStep, plot.height),
      columns: span(column, plot.width / cellWidth, matrix.columnStep, plot.width),
    };
  }

  #draw(): void {
    const data = this.#data;
    const width = this.#stage.clientWidth;
    const height = this.#stage.clientHeight;
    const colouring = this.#colouring;
    if (data === undefined || colouring === undefined || this.#pyramid === undefined || width === 0 || height === 0) {
      return;
    }
    const ratio = window.devicePixelRatio;
    const canvas = this.#canvas;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = context2d(canvas);
    this.#frame = frame(context, this.#theme, data.rows, data.columns, width, height);
    const { plot } = this.#frame;
    this.#view.resize(data.rows.count, data.columns.count, plot.width, plot.height);
    if (this.#remembered !== undefined) {
      this.#view.restore(this.#remembered);
      this.#remembered = undefined;
    }
    const { range, drawn } = colouring;
    this.#colours = colourTable(range.kind, this.#theme.dark);
    const { rows, columns } = this.#spans(data.matrix, plot);
    context.save();
    context.translate(Math.round(plot.left * ratio), Math.round(plot.top * ratio));
    context.beginPath();
    context.rect(0, 0, columns.pixels, rows.pixels);
    context.clip();
    this.#cost = this.#painter.paint(context, this.#pyramid, rows, columns, range, this.#colours);
    context.scale(ratio, ratio);
    drawCellDetail(context, this.#theme, this.#view, data.matrix, drawn.values, range, this.#colours);
    if (this.#selection !== undefined) {
      drawOutline(context, this.#theme, this.#view, this.#selection);
    }
    context.restore();
    context.scale(ratio, ratio);
    drawAxes(context, this.#theme, this.#frame, this.#view, data.rows, data.columns);
    this.#drawBar(colouring);
    this.#zoomIn.disabled = !this.#view.canZoomIn;
    this.#zoomOut.disabled = !this.#view.canZoomOut;
    this.#fit.disabled = !this.#view.canZoomOut;
    Object.assign(canvas.dataset, { map: range.kind, low: range.low, high: range.high });
  }

  /** The one scale, or that of the component that is pointed at, or what they have in common. */
  #drawBar({ range, scales, drawn }: Colouring): void {
    const at = this.#selection && this.#indexOf(this.#selection.row, this.#selection.column);
    const shown = at === undefined ? undefined : drawn.values[at];
    const marked = shown === undefined ? undefined : (shown - range.low) / (range.high - range.low);
    if (scales === undefined) {
      this.#bar.draw(range, this.#theme, 'value', marked);
      return;
    }
    const { matrix } = this.#data ?? {};
    const component = this.#selection?.[scales.by === 'rows' ? 'row' : 'column'];
    const step = scales.by === 'rows' ? matrix?.rowStep : matrix?.columnStep;
    const own = component === undefined ? undefined : scales.ranges[Math.floor(component / (step ?? 1))];
    if (own && component !== undefined) this.#bar.draw(own, this.#theme, `component ${component + 1}`, marked);
    else this.#bar.draw(range, this.#theme, 'each component', marked, formatPercent);
  }

  /** Where a cell of the whole matrix stands in what is drawn. */
  #indexOf(row: number, column: number): number {
    const { rowStep = 1, columnStep = 1, columns = 0 } = this.#data?.matrix ?? {};
    return Math.floor(row / rowStep) * columns + Math.floor(column / columnStep);
  }

  /** The value drawn for a cell of the whole matrix. */
  #valueAt(row: number, column: number): number {
    return this.#data?.matrix.values[this.#indexOf(row, column)] ?? NaN;
  }

  /** The cell drawn at a point of the plot: where several share a pixel, the one that gives it its colour. */
  #cellAt(x: number, y: number): Selection | undefined {
    const data = this.#data;
    const { plot } = this.#frame;
    if (data === undefined || x < 0 || y < 0 || x >= plot.width || y >= plot.height) {
      return undefined;
    }
    const { matrix } = data;
    const spans = this.#spans(matrix, plot);
    const down = cellsAt(spans.rows, Math.floor((y / plot.height) * spans.rows.pixels), matrix.rows);
    const across = cellsAt(spans.columns, Math.floor((x / plot.width) * spans.columns.pixels), matrix.columns);
    const drawn = this.#colouring?.drawn.values ?? matrix.values;
    let found: Selection | undefined;
    let largest = -1;
    for (let i = down.from; i < down.to; i++) {
      for (let j = across.from; j < across.to; j++) {
        const value = matrix.values[i * matrix.columns + j] ?? NaN;
        const magnitude = Math.abs(drawn[i * matrix.columns + j] ?? NaN);
        if (found === undefined || magnitude > largest) {
          largest = magnitude;
          found = { row: i * matrix.rowStep, column: j * matrix.columnStep, value, among: 1 };
        }
      }
    }
    return found && { ...found, among: (down.to - down.from) * (across.to - across.from) };
  }

  #select(selection: Selection | undefined): void {
    this.#selection = selection;
    if (selection === undefined || this.#data === undefined) {
      this.#tooltip.hide();
    } else {
      const { plot } = this.#frame;
      const x = plot.left + (selection.column + 0.5 - this.#view.column) * this.#view.cellWidth;
      const y = plot.top + (selection.row + 0.5 - this.#view.row) * this.#view.cellHeight;
      this.#tooltip.show(this.#data, selection, x, y, this.#stage.clientWidth);
    }
    this.schedule();
  }

  #moveTo(row: number, column: number): void {
    const data = this.#data;
    if (data === undefined) {
      return;
    }
    const { rowStep, columnStep } = data.matrix;
    // While the matrix is thinned only the drawn rows and columns have values.
    const clamp = (index: number, count: number, step: number): number =>
      Math.floor(Math.min(Math.max(index, 0), count - 1) / step) * step;
    const target = { row: clamp(row, data.rows.count, rowStep), column: clamp(column, data.columns.count, columnStep) };
    this.#view.reveal(target.row, target.column);
    const value = this.#valueAt(target.row, target.column);
    this.#select({ ...target, value, among: 1 });
    const label = (axis: Axis, index: number): string =>
      axis.labels === undefined
        ? `${axis.noun} ${numberOf(axis, index)}`
        : `${axis.noun} ${numberOf(axis, index)}, ${nameOf(axis, index)}`;
    setText(
      this.#spoken,
      `${label(data.rows, target.row)}; ${label(data.columns, target.column)}; value ${formatNumber(value, 5)}`,
    );
    this.changed();
  }

  #gestures(): Gestures {
    const moved = (): void => {
      this.#tooltip.hide();
      this.schedule();
      this.changed();
    };
    return {
      plot: () => this.#frame.plot,
      hover: (x, y) => this.#select(this.#cellAt(x, y)),
      leave: () => this.#select(undefined),
      pan: (dx, dy) => {
        const panned = this.#view.pan(dx, dy);
        if (panned) moved();
        return panned;
      },
      zoom: (factor, x, y) => {
        this.#view.zoom(factor, x, y);
        moved();
      },
      fit: () => {
        this.#view.fit();
        moved();
      },
      moveCursor: (down, right) => {
        const { rowStep = 1, columnStep = 1 } = this.#data?.matrix ?? {};
        const from = this.#selection ?? { row: Math.ceil(this.#view.row), column: Math.ceil(this.#view.column) };
        const first = this.#selection === undefined;
        this.#moveTo(from.row + (first ? 0 : down * rowStep), from.column + (first ? 0 : right * columnStep));
      },
      moveCursorToEnd: (end, all) => {
        const last = end === 'last';
        const row = all ? (last ? (this.#data?.rows.count ?? 1) - 1 : 0) : (this.#selection?.row ?? 0);
        this.#moveTo(row, last ? (this.#data?.columns.count ?? 1) - 1 : 0);
      },
      page: () => Math.max(1, Math.floor(this.#frame.plot.height / this.#view.cellHeight)),
    };
  }
}
