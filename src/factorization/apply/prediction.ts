import type { Factorization } from '../result';
import { lossOf } from '../objective/losses/losses';
import { undoSteps } from '../preparation/steps';

/** How much each component adds: ‖column of W‖·‖row of H‖, the Frobenius norm of its part of W·H. */
export function contributions({ W, H, rank, columns }: Pick<Factorization, 'W' | 'H' | 'rank' | 'columns'>): number[] {
  const ofW = new Float64Array(rank);
  const ofH = new Float64Array(rank);
  W.forEach((value, at) => (ofW[at % rank] = ofW[at % rank]! + value * value));
  H.forEach((value, at) => {
    const component = Math.floor(at / columns);
    ofH[component] = ofH[component]! + value * value;
  });
  return Array.from({ length: rank }, (_, k) => Math.sqrt(ofW[k]! * ofH[k]!));
}

/** The components that add most, by index, the greatest first. @param count at most the rank */
export function leadingComponents(factorization: Factorization, count: number): number[] {
  const size = contributions(factorization);
  return size
    .map((_, component) => component)
    .sort((a, b) => size[b]! - size[a]! || a - b)
    .slice(0, count);
}

/**
 * What the model expects of one row, in float64 and the units of the prepared data: W·H after the inverse link of a loss
 * that has one, biases included.
 * @param out a row long; overwritten
 */
export function expectRow(
  { W, H, rank, columns, settings, biases }: Factorization,
  row: number,
  out: Float64Array,
  components?: readonly number[],
): void {
  const { expectation } = lossOf(settings.model.loss);
  if (biases) {
    const ofRow = biases.mean + biases.rows[row]!;
    for (let j = 0; j < columns; j++) out[j] = ofRow + biases.columns[j]!;
  } else {
    out.fill(0);
  }
  for (const k of components ?? Array.from({ length: rank }, (_, component) => component)) {
    const w = W[row * rank + k]!;
    for (let j = 0; j < columns; j++) out[j] = out[j]! + w * H[k * columns + j]!;
  }
  for (let j = 0; j < columns; j++) out[j] = expectation(out[j]!);
}

/** The same in the units of the data as they are in their file. */
export function reconstructRow(
  factorization: Factorization,
  row: number,
  out: Float64Array,
  components?: readonly number[],
): void {
  expectRow(factorization, row, out, components);
  undoSteps(factorization.preparation ?? [], out, row);
}
