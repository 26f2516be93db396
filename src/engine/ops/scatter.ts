import type { Emitter } from '../lower/emitter';
import { writeScan } from '../lower/scan';
import { isKnown, sizeOf, type Shape } from '../shape';

/**
 * Elements that one `ScatterND` is given. ONNX Runtime (1.30) adds from several threads without a lock, so that where an
 * index occurs twice one of two additions may be lost (https://github.com/microsoft/onnxruntime/issues/18048). Below
 * 210,000 elements its cost model takes one thread, and more would hardly be faster, since adding waits for memory.
 */
export const elementsAddedAtOnce = 200_000;

/** Adds slices, no more than `elementsAddedAtOnce`, to `base` along its first axis. @returns the name of the sum */
export const scatterAtOnce = (e: Emitter, base: string, indices: string, updates: string, rank = 1): string =>
  e.node('ScatterND', [base, e.once('Unsqueeze', [indices, e.integers([rank])]), updates], { reduction: 'add' });

/**
 * Adds slices to `base` along its first axis, as many at a time as one thread takes.
 * @param indices whole numbers, where the slices of `updates` go; of shape `length`
 * @param rest the axes of a slice: `updates` is of shape `length`×`rest`
 * @returns the name of the sum
 */
export function scatterInTurns(
  e: Emitter,
  base: string,
  indices: string,
  updates: string,
  length: Shape,
  rest: Shape,
): string {
  const { model } = e;
  const shape = model.resolve([...length, ...rest]);
  // A device whose steps are no `Loop` adds atomically.
  if (model.selects || (isKnown(shape) && sizeOf(shape) <= elementsAddedAtOnce)) {
    return scatterAtOnce(e, base, indices, updates, length.length);
  }
  const places = e.once('Reshape', [indices, e.integers([-1, 1])]);
  const slices = length.length === 1 ? updates : e.node('Reshape', [updates, e.shape([-1, ...rest])]);
  const width = model.resolve(rest);
  const one = e.integers([1]);
  const sizeOfSlice = (): string => e.node('ReduceProd', [e.shape(rest)]);
  const perTurn = isKnown(width)
    ? e.integers([Math.max(1, Math.floor(elementsAddedAtOnce / sizeOf(width)))])
    : e.node('Max', [one, e.node('Div', [e.integers([elementsAddedAtOnce]), e.node('Max', [one, sizeOfSlice()])])]);
  const count = e.node('Size', [indices]);
  const turns = e.node('Div', [e.node('Sub', [e.node('Add', [count, perTurn]), one]), perTurn]);

  const body = e.child();
  const [turn, before] = [model.fresh('turn'), model.fresh('before')];
  const start = body.node('Mul', [turn, perTurn]);
  const end = body.node('Add', [start, perTurn]);
  const ofTurn = (value: string): string => body.node('Slice', [value, start, end, body.integers([0])]);
  const after = body.node('ScatterND', [before, ofTurn(places), ofTurn(slices)], { reduction: 'add' });
  const carried = [{ initial: base, before, after, type: model.floatType }];
  const [sum] = writeScan(e, body, { turn, count: e.node('Squeeze', [turns]), carried });
  return sum!;
}
