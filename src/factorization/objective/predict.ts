import type { Factors } from '../factors';

/** What W·H says of an entry, biases included, in float64: before the inverse link of a loss that has one. */
export function predictor({ W, H, biases }: Factors, rank: number): (row: number, column: number) => number {
  const columns = H.length / rank;
  return (row, column) => {
    let y = biases ? biases.mean + biases.rows[row]! + biases.columns[column]! : 0;
    for (let k = 0; k < rank; k++) y += W[row * rank + k]! * H[k * columns + column]!;
    return y;
  };
}
