/**
 * The assignment of rows to columns with the largest total value: the Hungarian method in its shortest-path form with
 * potentials (Kuhn 1955; Jonker & Volgenant 1987), O(size³).
 *
 * @param values size×size, row-major, finite
 * @returns the column of each row
 */
export function bestAssignment(values: Float64Array, size: number): Int32Array {
  // Row and column 0 are a helper of the search; real ones count from 1.
  const rowPotential = new Float64Array(size + 1);
  const columnPotential = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  const previous = new Int32Array(size + 1);

  for (let row = 1; row <= size; row++) {
    const distance = new Float64Array(size + 1).fill(Infinity);
    const reached = new Uint8Array(size + 1);
    let column = 0;
    rowOf[0] = row;
    do {
      reached[column] = 1;
      const from = rowOf[column]!;
      let nearest = Infinity;
      let next = 0;
      for (let j = 1; j <= size; j++) {
        if (reached[j]) continue;
        const cost = -values[(from - 1) * size + j - 1]!;
        const reduced = cost - rowPotential[from]! - columnPotential[j]!;
        if (reduced < distance[j]!) {
          distance[j] = reduced;
          previous[j] = column;
        }
        if (distance[j]! < nearest) {
          nearest = distance[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= size; j++) {
        if (reached[j]) {
          const owner = rowOf[j]!;
          rowPotential[owner] = rowPotential[owner]! + nearest;
          columnPotential[j] = columnPotential[j]! - nearest;
        } else {
          distance[j] = distance[j]! - nearest;
        }
      }
      column = next;
    } while (rowOf[column] !== 0);
    // Along the path found, every column takes the row of the one before it.
    while (column !== 0) {
      const before = previous[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }

  const columnOf = new Int32Array(size);
  for (let j = 1; j <= size; j++) columnOf[rowOf[j]! - 1] = j - 1;
  return columnOf;
}
