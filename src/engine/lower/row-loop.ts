import { is, type Node } from '../graph';
import { lowerIndices } from '../ops/layout';
import { declarationOf } from '../ops/operators';
import { scatterAtOnce } from '../ops/scatter';
import { remembered } from '../remember';
import type { Dim } from '../shape';
import type { Emitter } from './emitter';
import { ElementType, valueInfo } from './onnx';
import type { RowBlocks } from './row-blocks';
import { writeScan, type Scan } from './scan';

/**
 * Writes values that are computed in blocks of rows. A turn takes the rows of what has rows, adds to what is summed over
 * them (sums of elements in float64), and its part of what has rows itself is put after those before it. Where all blocks
 * have as many rows these are looked at where they lie; else they are copied, and the last block is filled up and cut again.
 */
export function writeRowBlocks({ parts, results, rows, rowsOfBlock }: RowBlocks, around: Emitter): void {
  const body = around.child();
  const { model } = body;
  const isEven = typeof rows === 'number' && rows % rowsOfBlock === 0;
  const turn = model.fresh('block');
  const length = body.integers([rowsOfBlock]);
  const taken: NonNullable<Scan['taken']>[number][] = [];
  const take = (node: Node, axis: number): string => {
    const part = valueInfo(model.fresh('rows'), model.typeOf(node), node.shape.with(axis, rowsOfBlock));
    const split = around.shape([...node.shape.slice(0, axis), -1, rowsOfBlock, ...node.shape.slice(axis + 1)]);
    taken.push({ from: around.once('Reshape', [around.nameOf(node), split]), axis, part });
    return part.name;
  };
  const cut = (node: Node, axis: number): string => {
    const start = body.once('Mul', [turn, length]);
    return body.node('Slice', [body.nameOf(node), start, body.once('Add', [start, length]), body.integers([axis])]);
  };
  const known = new Map<string, string>();
  const rowsOf = (node: Node, axis: number): string => {
    return remembered(known, `${body.nameOf(node)} ${axis}`, () => (isEven ? take : cut)(node, axis));
  };

  const totals: (Scan['carried'][number] & { readonly node: Node })[] = [];
  for (const { node, axes, rowAxis } of parts) {
    const operands = node.operands.map((operand, i) => {
      const axis = axes[i];
      return axis === undefined || body.names.has(operand) ? body.nameOf(operand) : rowsOf(operand, axis);
    });
    if (rowAxis === undefined) totals.push({ node, ...addUp(node, operands, body, around) });
    else body.names.set(node, declarationOf(node).lower(body, operands, node, node.attributes as never));
  }
  const stacks = results.flatMap(({ node, rowAxis }) => {
    if (rowAxis === undefined) return [];
    const value = body.nameOf(node);
    const shape = node.shape.with(rowAxis, rowsOfBlock);
    return [
      {
        node,
        rowAxis,
        shape,
        type: model.typeOf(node),
        value: isEven ? value : filledUp(body, value, rowAxis, length),
      },
    ];
  });
  const count = isEven ? {} : { count: blockCount(around, rows, rowsOfBlock) };
  const names = writeScan(around, body, { turn, ...count, carried: totals, stacked: stacks, taken });
  for (const [i, { node, type }] of totals.entries()) {
    around.names.set(node, type === model.floatType ? names[i]! : around.toFloat(names[i]!));
  }
  for (const [i, { node, rowAxis }] of stacks.entries()) {
    const whole = joined(around, names[totals.length + i]!, node, rowAxis);
    const range = (): string[] => [around.integers([0]), model.size(rows), around.integers([rowAxis])];
    around.names.set(node, isEven ? whole : around.node('Slice', [whole, ...range()]));
  }
}

/** Writes what a turn adds to a sum over all rows. Products of matrices and slices at indices are added as they are made. */
function addUp(node: Node, operands: readonly string[], body: Emitter, around: Emitter): Scan['carried'][number] {
  const { model } = body;
  const before = model.fresh('total');
  const [a = '', b = ''] = operands;
  const isSum = is(node, 'sum') || is(node, 'sumSquares');
  const type = isSum ? ElementType.float64 : model.floatType;
  const zeros = (): string => {
    const zero = model.constant(type, [0], []);
    return node.rank === 0 ? zero : model.root.once('Expand', [zero, model.root.shape(node.shape)]);
  };
  const total = (after: string, initial = zeros()): Scan['carried'][number] => {
    return { initial, before, after, type, shape: node.shape };
  };
  if (is(node, 'gemm') || (is(node, 'matmul') && node.rank === 2)) {
    const { transA, transB, alpha } = is(node, 'gemm') ? node.attributes : { transA: false, transB: false, alpha: 1 };
    const attributes = { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } };
    const summand = node.operands[2];
    return total(body.node('Gemm', [a, b, before], attributes), summand && around.nameOf(summand));
  }
  if (is(node, 'scatterAdd')) {
    return total(scatterAtOnce(body, before, lowerIndices(body, b, node.operands[1]), a));
  }
  const value = declarationOf(node).lower(body, operands, node, node.attributes as never);
  return total(body.node('Add', [before, isSum ? body.toDouble(value) : value]));
}

/** How many blocks there are, as a single number. */
function blockCount(emitter: Emitter, rows: Dim, rowsOfBlock: number): string {
  if (typeof rows === 'number') return emitter.model.constant(ElementType.int64, [Math.ceil(rows / rowsOfBlock)], []);
  const more = emitter.node('Add', [emitter.model.size(rows), emitter.integers([rowsOfBlock - 1])]);
  return emitter.node('Squeeze', [emitter.node('Div', [more, emitter.integers([rowsOfBlock])])]);
}

/** The rows of a block and zeros after them, as many as in any other block. */
function filledUp(emitter: Emitter, value: string, axis: number, length: string): string {
  const there = emitter.node('Shape', [value], { start: axis, end: axis + 1 });
  const missing = emitter.node('Concat', [emitter.integers([0]), emitter.node('Sub', [length, there])], { axis: 0 });
  return emitter.node('Pad', [value, missing, emitter.number(0), emitter.integers([axis])]);
}

/** Blocks, which lie along a first axis of their own, one after the other along the axis of their rows. */
function joined(emitter: Emitter, blocks: string, node: Node, rowAxis: number): string {
  const axes = node.shape.map((_, axis) => axis + 1);
  const perm = [...axes.slice(0, rowAxis), 0, ...axes.slice(rowAxis)];
  const inOrder = rowAxis === 0 ? blocks : emitter.node('Transpose', [blocks], { perm });
  return emitter.node('Reshape', [inOrder, emitter.shape(node.shape.with(rowAxis, -1))]);
}
