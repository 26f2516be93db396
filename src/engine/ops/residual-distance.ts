import type { Emitter } from '../lower/emitter';
import { ElementType, valueInfo } from '../lower/onnx';

/** Elements of X in a block: small enough for a processor's cache, large enough for its threads to share. */
const blockElements = 2 ** 16;

/**
 * ‖X − W·H‖² by blocks of X's rows in a `Loop`, each block's sum added in float64. Only what a block needs is in memory,
 * where the whole residual takes as much as X several times over; and what a block leaves is still in the cache.
 */
export function lowerResidualDistance(e: Emitter, [x = '', w = '', h = '']: readonly string[]): string {
  const squares = (at: Emitter, rows: string, factor: string): string =>
    at.node('ReduceSumSquare', [at.node('Gemm', [factor, h, rows], { alpha: { float: -1 } })], { keepdims: 0 });
  // Where alternatives are selected there are no loops either.
  if (e.model.selects) return squares(e, x, w);

  const axes = e.integers([0]);
  const one = e.integers([1]);
  const scalar = (vector: string): string => e.node('Squeeze', [vector]);
  const rows = e.node('Shape', [x], { start: 0, end: 1 });
  const columns = e.node('Max', [e.node('Shape', [x], { start: 1, end: 2 }), one]);
  const block = e.node('Max', [e.node('Div', [e.integers([blockElements]), columns]), one]);
  const blocks = e.node('Div', [e.node('Sub', [e.node('Add', [rows, block]), one]), block]);

  const body = e.child();
  const [turn, going, before] = [e.model.fresh('turn'), e.model.fresh('going'), e.model.fresh('total')];
  const start = body.node('Mul', [turn, block]);
  const end = body.node('Add', [start, block]);
  const [part, factor] = [x, w].map((whole) => body.node('Slice', [whole, start, end, axes])) as [string, string];
  const after = body.node('Add', [before, body.toDouble(squares(body, part, factor))]);
  const total = e.model.fresh('Loop');
  const graph = {
    name: turn,
    node: body.nodes,
    initializer: [],
    input: [
      valueInfo(turn, ElementType.int64, []),
      valueInfo(going, ElementType.bool, []),
      valueInfo(before, ElementType.float64, []),
    ],
    output: [
      valueInfo(body.node('Identity', [going]), ElementType.bool, []),
      valueInfo(after, ElementType.float64, []),
    ],
  };
  const always = e.model.constant(ElementType.bool, [1], []);
  e.into('Loop', [scalar(blocks), always, e.double(0)], [total], { body: { graph } });
  return e.toFloat(total);
}
