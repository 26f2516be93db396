import { is, type Node } from '../graph';
import { lowerIndices } from '../ops/layout';
import { scatterAtOnce } from '../ops/scatter';
import type { Dim } from '../shape';
import type { Emitter } from './emitter';
import { ElementType, valueInfo, type ValueInfoProto } from './onnx';
import type { RowBlocks } from './blocking';
import { elementType, emit, nameOf, nested, outermost, type Scope } from './scope';

/** A value that the turns of the loop add up. */
interface Total {
  readonly node: Node;
  /** The values before and after a turn, and before all. */
  readonly before: string;
  readonly after: string;
  readonly initial: string;
  readonly type: ElementType;
}

/** The rows of a block, as an input of the body, and all blocks of them along an axis of their own. */
interface Scanned {
  readonly input: ValueInfoProto;
  readonly blocks: string;
  readonly axis: number;
}

/**
 * Writes values that are computed in blocks of rows. A turn takes the rows of what has rows, adds to what is summed over
 * them (sums of elements in float64), and its part of what has rows itself is put after those before it. Where all blocks
 * have as many rows it is a `Scan`, which looks at them where they lie; else a `Loop`, which copies them, and the last
 * block is filled up and cut again.
 */
export function writeRowBlocks({ parts, results, rows, rowsOfBlock }: RowBlocks, scope: Scope): void {
  const inner = nested(scope);
  const { emitter: body } = inner;
  const { emitter: around } = scope;
  const { model } = body;
  const isEven = typeof rows === 'number' && rows % rowsOfBlock === 0;
  const [turn, going] = [model.fresh('block'), model.fresh('going')];
  const length = body.integers([rowsOfBlock]);
  const scanned: Scanned[] = [];
  const scan = (node: Node, axis: number): string => {
    const name = model.fresh('rows');
    const split = around.shape([...node.shape.slice(0, axis), -1, rowsOfBlock, ...node.shape.slice(axis + 1)]);
    const input = valueInfo(name, elementType(node, scope), node.shape.with(axis, rowsOfBlock));
    scanned.push({ input, blocks: around.once('Reshape', [nameOf(node, scope), split]), axis });
    return name;
  };
  const cut = (node: Node, axis: number): string => {
    const start = body.once('Mul', [turn, length]);
    return body.node('Slice', [nameOf(node, inner), start, body.once('Add', [start, length]), body.integers([axis])]);
  };
  const taken = new Map<string, string>();
  const rowsOf = (node: Node, axis: number): string => {
    const key = `${nameOf(node, inner)} ${axis}`;
    const block = taken.get(key) ?? (isEven ? scan : cut)(node, axis);
    taken.set(key, block);
    return block;
  };

  const totals: Total[] = [];
  for (const { node, axes, rowAxis } of parts) {
    const operand = (value: Node, i: number): string => {
      const axis = axes[i];
      return axis === undefined || inner.names.has(value) ? nameOf(value, inner) : rowsOf(value, axis);
    };
    if (rowAxis === undefined) totals.push(addUp(node, operand, inner, scope));
    else inner.names.set(node, emit(inner, node, operand));
  }
  const stacks = results.flatMap(({ node, rowAxis }) => {
    if (rowAxis === undefined) return [];
    const value = nameOf(node, inner);
    return [{ node, rowAxis, value: isEven ? value : filledUp(body, value, rowAxis, length) }];
  });

  const names = [...totals, ...stacks].map(() => model.fresh('Blocks'));
  const initial = totals.map((total) => total.initial);
  const input = totals.map(({ node, before, type }) => valueInfo(before, type, node.shape));
  const output = [
    ...totals.map(({ node, after, type }) => valueInfo(after, type, node.shape)),
    ...stacks.map(({ node, rowAxis, value }) =>
      valueInfo(value, elementType(node, scope), node.shape.with(rowAxis, rowsOfBlock)),
    ),
  ];
  const graph = { name: turn, node: body.nodes, initializer: [] };
  if (isEven) {
    around.into('Scan', [...initial, ...scanned.map(({ blocks }) => blocks)], names, {
      body: { graph: { ...graph, input: [...input, ...scanned.map((one) => one.input)], output } },
      num_scan_inputs: scanned.length,
      scan_input_axes: scanned.map(({ axis }) => axis),
    });
  } else {
    const counted = [valueInfo(turn, ElementType.int64, []), valueInfo(going, ElementType.bool, [])];
    const goesOn = valueInfo(body.node('Identity', [going]), ElementType.bool, []);
    const always = model.constant(ElementType.bool, [1], []);
    around.into('Loop', [blockCount(around, rows, rowsOfBlock), always, ...initial], names, {
      body: { graph: { ...graph, input: [...counted, ...input], output: [goesOn, ...output] } },
    });
  }
  for (const [i, { node, type }] of totals.entries()) {
    const name = names[i] ?? '';
    scope.names.set(node, type === model.floatType ? name : around.toFloat(name));
  }
  for (const [i, { node, rowAxis }] of stacks.entries()) {
    const whole = joined(around, names[totals.length + i] ?? '', node, rowAxis);
    const range = (): string[] => [around.integers([0]), model.size(rows), around.integers([rowAxis])];
    scope.names.set(node, isEven ? whole : around.node('Slice', [whole, ...range()]));
  }
}

/** Writes what a turn adds to a sum over all rows. Products of matrices and slices at indices are added as they are made. */
function addUp(node: Node, operand: (value: Node, i: number) => string, inner: Scope, scope: Scope): Total {
  const { emitter: body } = inner;
  const { model } = body;
  const before = model.fresh('total');
  const isProduct = is(node, 'gemm') || (is(node, 'matmul') && node.rank === 2);
  const isSum = is(node, 'sum') || is(node, 'sumSquares');
  const type = isSum ? ElementType.float64 : model.floatType;
  const zeros = (): string => {
    const zero = model.constant(type, [0], []);
    const { emitter } = outermost(scope);
    return node.rank === 0 ? zero : emitter.node('Expand', [zero, emitter.shape(node.shape)]);
  };
  if (isProduct) {
    const { transA, transB, alpha } = is(node, 'gemm') ? node.attributes : { transA: false, transB: false, alpha: 1 };
    const [a, b, summand] = node.operands;
    const factors = [a, b].map((factor, i) => (factor ? operand(factor, i) : ''));
    const attributes = { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } };
    const initial = summand ? nameOf(summand, scope) : zeros();
    return { node, before, after: body.node('Gemm', [...factors, before], attributes), initial, type };
  }
  if (is(node, 'scatterAdd')) {
    const [slices = '', indices = ''] = node.operands.map(operand);
    const after = scatterAtOnce(body, before, lowerIndices(body, indices, node.operands[1]), slices);
    return { node, before, after, initial: zeros(), type };
  }
  const value = emit(inner, node, operand);
  const after = body.node('Add', [before, type === model.floatType ? value : body.toDouble(value)]);
  return { node, before, after, initial: zeros(), type };
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
