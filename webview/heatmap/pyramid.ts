/** A matrix at one level of thinning. */
export interface Level {
  rows: number;
  columns: number;
  /** rows×columns, row-major. */
  values: Float32Array;
}

/** The one of larger magnitude, with its sign; NaN wins, so that it cannot hide in a block. */
function dominant(a: number, b: number): number {
  return Math.abs(b) > Math.abs(a) || Number.isNaN(b) ? b : a;
}

function halveRows({ rows, columns, values }: Level): Level {
  const half = Math.ceil(rows / 2);
  const out = new Float32Array(half * columns);
  for (let i = 0; i < half; i++) {
    const upper = 2 * i * columns;
    const lower = Math.min(2 * i + 1, rows - 1) * columns;
    for (let j = 0; j < columns; j++) {
      out[i * columns + j] = dominant(values[upper + j] ?? NaN, values[lower + j] ?? NaN);
    }
  }
  return { rows: half, columns, values: out };
}

function halveColumns({ rows, columns, values }: Level): Level {
  const half = Math.ceil(columns / 2);
  const out = new Float32Array(rows * half);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    for (let j = 0; j < half; j++) {
      const right = Math.min(2 * j + 1, columns - 1);
      out[i * half + j] = dominant(values[row + 2 * j] ?? NaN, values[row + right] ?? NaN);
    }
  }
  return { rows, columns: half, values: out };
}

/**
 * Aggregates of a matrix: at level (k, l) a cell holds the signed value of largest magnitude among 2^k rows and
 * 2^l columns. The two directions thin independently, since W is tall and H is wide. Levels are made when first
 * asked for; all of them together take at most four times the matrix.
 */
export class Pyramid {
  readonly #levels = new Map<string, Level>();

  constructor(readonly base: Level) {
    this.#levels.set('0,0', base);
  }

  level(rowLevel: number, columnLevel: number): Level {
    const key = `${rowLevel},${columnLevel}`;
    let level = this.#levels.get(key);
    if (level === undefined) {
      // Thin the longer way first: it costs least.
      const byRows = columnLevel === 0 || (rowLevel > 0 && this.base.rows >= this.base.columns);
      level = byRows
        ? halveRows(this.level(rowLevel - 1, columnLevel))
        : halveColumns(this.level(rowLevel, columnLevel - 1));
      this.#levels.set(key, level);
    }
    return level;
  }
}
