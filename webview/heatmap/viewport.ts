/** What is remembered of a view, in rows and columns of the whole matrix. `size` is absent when all is in view. */
export interface ViewMemory {
  size?: number;
  row: number;
  column: number;
  /** Each component is coloured by a scale of its own. */
  each?: true;
}

/** What is remembered of each heatmap of the page. */
export interface Heatmaps {
  W?: ViewMemory;
  H?: ViewMemory;
  consensus?: ViewMemory;
}

/** Largest extent of a cell in CSS pixels: enough to read its value. */
const largestCell = 64;

/**
 * Which part of a matrix is in view. One number, `size`, says how far it is zoomed in: a cell is `size` CSS pixels
 * in each direction, but never so small that the matrix would not fill the plot. So zooming in widens the finer
 * direction first (the rows of a tall W) until cells are square, and then both; zooming out goes the same way back.
 */
export class Viewport {
  rows = 1;
  columns = 1;
  width = 1;
  height = 1;
  /** First row and column in view; fractions are parts of a cell. */
  row = 0;
  column = 0;
  #size: number | undefined;

  get #fitWidth(): number {
    return this.width / this.columns;
  }

  get #fitHeight(): number {
    return this.height / this.rows;
  }

  get #smallest(): number {
    return Math.min(this.#fitWidth, this.#fitHeight);
  }

  get #effective(): number {
    return this.#size ?? this.#smallest;
  }

  /** Extent of a column in CSS pixels. */
  get cellWidth(): number {
    return Math.max(this.#fitWidth, this.#effective);
  }

  /** Extent of a row in CSS pixels. */
  get cellHeight(): number {
    return Math.max(this.#fitHeight, this.#effective);
  }

  get canZoomIn(): boolean {
    return this.#effective < largestCell;
  }

  get canZoomOut(): boolean {
    return this.#size !== undefined;
  }

  /** The plot's or the matrix's extent changed; what was in view stays in view. */
  resize(rows: number, columns: number, width: number, height: number): void {
    Object.assign(this, { rows, columns, width: Math.max(width, 1), height: Math.max(height, 1) });
    this.#clamp();
  }

  fit(): void {
    this.#size = undefined;
    this.#clamp();
  }

  /** Zooms about a point of the plot, which keeps its place. */
  zoom(factor: number, x: number, y: number): void {
    const column = this.column + x / this.cellWidth;
    const row = this.row + y / this.cellHeight;
    this.#size = Math.min(this.#effective * factor, Math.max(largestCell, this.#smallest));
    if (this.#size <= this.#smallest * (1 + 1e-9)) {
      this.#size = undefined;
    }
    this.column = column - x / this.cellWidth;
    this.row = row - y / this.cellHeight;
    this.#clamp();
  }

  /** Moves by CSS pixels; says whether anything moved. */
  pan(dx: number, dy: number): boolean {
    const { row, column } = this;
    this.column += dx / this.cellWidth;
    this.row += dy / this.cellHeight;
    this.#clamp();
    return this.row !== row || this.column !== column;
  }

  /** Brings a cell into view by the shortest way. */
  reveal(row: number, column: number): void {
    const visibleRows = this.height / this.cellHeight;
    const visibleColumns = this.width / this.cellWidth;
    this.row = Math.min(Math.max(this.row, row + 1 - visibleRows), row);
    this.column = Math.min(Math.max(this.column, column + 1 - visibleColumns), column);
    this.#clamp();
  }

  remember(): ViewMemory {
    const { row, column } = this;
    return this.#size === undefined ? { row, column } : { size: this.#size, row, column };
  }

  restore({ size, row, column }: ViewMemory): void {
    this.#size = size;
    this.row = row;
    this.column = column;
    this.#clamp();
  }

  #clamp(): void {
    if (this.#size !== undefined && this.#size <= this.#smallest) {
      this.#size = undefined;
    }
    const lastRow = this.rows - this.height / this.cellHeight;
    const lastColumn = this.columns - this.width / this.cellWidth;
    // A hair of rounding must not count as room to pan.
    this.row = lastRow < 1e-6 ? 0 : Math.min(Math.max(this.row, 0), lastRow);
    this.column = lastColumn < 1e-6 ? 0 : Math.min(Math.max(this.column, 0), lastColumn);
  }
}
