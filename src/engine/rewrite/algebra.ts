import {
  abs,
  add,
  broadcastTo,
  div,
  matmul,
  matrixTranspose,
  mul,
  neg,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  transpose,
  unsqueeze,
} from '../functions';
import { constant } from '../leaves';
import { is, make, numberOf, withOperands, type Node, type OperatorName } from '../graph';
import { declarationOf, operators } from '../ops/operators';
import { alike, broadcastShapes, isKnown, sizeOf } from '../shape';
import { rule, type Rule } from './rewrite';

// Rules take operands apart by number and not by an array's pattern, which goes through an iterator: in a process that has
// just begun that takes 0.3 µs instead of 0.03, and compiling a program asks its rules ten thousand times.

const operatorNames = Object.keys(operators) as OperatorName[];
const elementwiseOperations = operatorNames.filter((name) => operators[name].elementwise);

/** Scalars first, then by age, so that equal expressions meet whichever way round they were written. */
const precedes = (a: Node, b: Node): boolean =>
  (a.rank === 0) !== (b.rank === 0)
    ? a.rank === 0
    : is(a, 'constant') !== is(b, 'constant')
      ? is(a, 'constant')
      : a.id < b.id;

/** Whether an operation on scalars only costs nothing worth counting. */
const isScalar = (node: Node | undefined): node is Node => node?.rank === 0;

/** A node as factor·rest, where the factor is a scalar expression and the rest is not. */
export function scaled(node: Node): { factor: Node; rest: Node } | undefined {
  const { 0: a, 1: b } = node.operands;
  if (node.rank === 0 || !a) return undefined;
  if (is(node, 'neg')) return { factor: constant(-1), rest: a };
  if (is(node, 'mul') && b && isScalar(a) && !isScalar(b)) return { factor: a, rest: b };
  return undefined;
}

/** The transpose of a matrix, or of each matrix of a batch. */
export function transposed(node: Node): Node | undefined {
  if (!is(node, 'transpose')) return undefined;
  const { permutation } = node.attributes;
  const rank = permutation.length;
  const swaps = permutation.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
  return swaps ? node.operands[0] : undefined;
}

const folding: Rule[] = [
  rule('fold constants', operatorNames, (node) => {
    if (node.rank > 0 || node.dtype !== 'float' || node.operands.length === 0) return undefined;
    const values = node.operands.map(numberOf);
    if (values.some((value) => value === undefined)) return undefined;
    const operands = node.operands.map((operand, i) => ({
      data: Float64Array.of(values[i] ?? NaN),
      shape: isKnown(operand.shape) ? operand.shape : [],
    }));
    const { 0: result } = declarationOf(node).evaluate(operands, node.attributes).data;
    return result === undefined ? undefined : constant(result);
  }),
  rule('order operands', ['add', 'mul', 'maximum', 'minimum', 'equal'], (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !b || a === b || precedes(a, b)) return undefined;
    return withOperands(node, [b, a]);
  }),
];

const neutral: Rule[] = [
  rule('neutral elements', ['add', 'sub', 'mul', 'div'], (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !b) return undefined;
    const [left, right] = [numberOf(a), numberOf(b)];
    switch (node.op) {
      case 'add':
        return left === 0 ? b : right === 0 ? a : undefined;
      case 'sub':
        return right === 0 ? a : left === 0 ? neg(b) : a === b ? constant(0) : undefined;
      case 'mul':
        return left === 1 ? b : left === -1 ? neg(b) : left === 0 ? constant(0) : undefined;
      case 'div':
        return right === 1 ? a : left === 0 ? constant(0) : undefined;
      default:
        return undefined;
    }
  }),
  rule('powers', ['mul', 'pow'], (node) => {
    const { 0: x, 1: exponent } = node.operands;
    if (is(node, 'mul') && x && x === exponent) return square(x);
    if (!is(node, 'pow') || !x || !exponent) return undefined;
    switch (numberOf(exponent)) {
      case 0:
        return constant(1);
      case 1:
        return x;
      case 2:
        return square(x);
      case 3:
        return mul(x, square(x));
      case 0.5:
        return sqrt(x);
      case -0.5:
        return div(1, sqrt(x));
      case -1:
        return div(1, x);
      case -2:
        return div(1, square(x));
      default:
        return undefined;
    }
  }),
  rule('inverse functions', ['neg', 'not', 'log', 'sqrt', 'square', 'abs'], (node) => {
    const { 0: x } = node.operands;
    const { 0: inner, 1: other } = x?.operands ?? [];
    if (!x || !inner) return undefined;
    if (is(node, 'neg') && is(x, 'neg')) return inner;
    if (is(node, 'neg') && is(x, 'sub') && other) return sub(other, inner);
    if (is(node, 'not') && is(x, 'not')) return inner;
    if (is(node, 'log') && is(x, 'exp')) return inner;
    if (is(node, 'sqrt') && is(x, 'square')) return abs(inner);
    if (is(node, 'square') && (is(x, 'abs') || is(x, 'neg'))) return square(inner);
    if (is(node, 'abs') && is(x, 'neg')) return abs(inner);
    if (is(node, 'abs') && (is(x, 'abs') || is(x, 'square') || is(x, 'exp') || is(x, 'sqrt'))) return x;
    return undefined;
  }),
  rule('choice between equals', ['where', 'ifElse'], (node) => {
    const { 1: yes, 2: no } = node.operands;
    return yes === no ? yes : undefined;
  }),
];

const signs: Rule[] = [
  rule('signs', ['add', 'sub', 'mul', 'div'], (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !b) return undefined;
    const { 0: x } = is(a, 'neg') ? a.operands : [];
    const { 0: y } = is(b, 'neg') ? b.operands : [];
    if (is(node, 'add')) return y ? sub(a, y) : x ? sub(b, x) : undefined;
    if (is(node, 'sub')) return y ? add(a, y) : x ? neg(add(x, b)) : undefined;
    if (is(node, 'mul') || is(node, 'div')) {
      const apply = is(node, 'mul') ? mul : div;
      if (x && y) return apply(x, y);
      return y ? neg(apply(a, y)) : x ? neg(apply(x, b)) : undefined;
    }
    return undefined;
  }),
  rule('sign into a factor', ['neg', 'mul'], (node) => {
    const { 0: a, 1: b } = node.operands;
    const { 0: c, 1: x } = is(node, 'neg') && a && is(a, 'mul') ? a.operands : [];
    const negated = c && numberOf(c);
    if (negated !== undefined && x) return mul(-negated, x);
    const factor = is(node, 'mul') && a ? numberOf(a) : undefined;
    const { 0: left, 1: right } = b && is(b, 'sub') ? b.operands : [];
    return factor !== undefined && factor < 0 && left && right ? mul(-factor, sub(right, left)) : undefined;
  }),
  rule('division by a scalar', 'div', (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !isScalar(b)) return undefined;
    if (a.rank > 0) return mul(div(1, b), a);
    const divisor = numberOf(b);
    return divisor === undefined || divisor === 0 || numberOf(a) !== undefined ? undefined : mul(1 / divisor, a);
  }),
];

/** Scalar factors move outwards, where they meet each other and where less is to be multiplied. */
const factors: Rule[] = [
  rule('factor out of a product', 'mul', (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !b) return undefined;
    if (isScalar(a) && isScalar(b)) {
      const { 0: c, 1: rest } = is(b, 'mul') ? b.operands : [];
      const [left, right] = [numberOf(a), c && numberOf(c)];
      if (left !== undefined && right !== undefined && rest) return mul(left * right, rest);
      if (left !== undefined && is(b, 'neg') && b.operands[0]) return mul(-left, b.operands[0]);
      if (left === undefined && right !== undefined && c && rest) return mul(c, mul(a, rest));
      return undefined;
    }
    const inner = scaled(b);
    if (inner && isScalar(a)) return mul(mul(a, inner.factor), inner.rest);
    if (inner) return mul(inner.factor, mul(a, inner.rest));
    const first = scaled(a);
    return first && mul(first.factor, mul(first.rest, b));
  }),
  rule('factor out of a quotient', 'div', (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !b) return undefined;
    const [above, below] = [scaled(a), scaled(b)];
    if (above) return mul(above.factor, div(above.rest, b));
    if (below) return mul(div(1, below.factor), div(a, below.rest));
    const { 0: c, 1: x } = is(a, 'mul') ? a.operands : [];
    if (c && x && a.rank === 0 && numberOf(c) !== undefined) return mul(c, div(x, b));
    const { 0: d, 1: y } = is(b, 'mul') ? b.operands : [];
    const divisor = d && numberOf(d);
    return divisor !== undefined && y && b.rank === 0 ? mul(1 / divisor, div(a, y)) : undefined;
  }),
  rule('factor out of a square or root', ['square', 'sqrt'], (node) => {
    const { 0: x } = node.operands;
    if (!x) return undefined;
    const inner = scaled(x);
    if (is(node, 'square') && inner) return mul(square(inner.factor), square(inner.rest));
    const { 0: c, 1: rest } = is(x, 'mul') ? x.operands : [];
    const factor = c && numberOf(c);
    return is(node, 'sqrt') && factor !== undefined && factor > 0 && rest
      ? mul(Math.sqrt(factor), sqrt(rest))
      : undefined;
  }),
  rule('factor out of a sum', 'sum', (node) => {
    const { 0: x } = node.operands;
    const inner = x && scaled(x);
    const { axes, keepDims } = node.attributes;
    return inner && mul(inner.factor, sum(inner.rest, axes, { keepDims }));
  }),
  rule('factor out of a matrix product', 'matmul', (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !b) return undefined;
    const left = scaled(a);
    if (left) return mul(left.factor, matmul(left.rest, b));
    const right = scaled(b);
    return right && mul(right.factor, matmul(a, right.rest));
  }),
  rule('factor out of a transpose', 'transpose', (node) => {
    const { 0: x } = node.operands;
    const inner = x && scaled(x);
    return inner && mul(inner.factor, transpose(inner.rest, node.attributes.permutation));
  }),
  rule('common factor', ['add', 'sub'], (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !b || !alike(a.shape, b.shape)) return undefined;
    const apply = is(node, 'add') ? add : sub;
    const [left, right] = [scaled(a), scaled(b)];
    // (x − y) − y
    if (is(node, 'sub') && is(a, 'sub') && a.operands[1] === b && a.operands[0]) return sub(a.operands[0], mul(2, b));
    const [x, y] = [left?.rest ?? a, right?.rest ?? b];
    if (x === y && x.rank > 0) return mul(apply(left?.factor ?? 1, right?.factor ?? 1), x);
    if (left && right && left.factor === right.factor) return mul(left.factor, apply(x, y));
    return a === b && is(node, 'add') ? mul(2, a) : undefined;
  }),
];

/** The positive part that a node is. */
const positivePart = (node: Node): Node | undefined => {
  const { 0: a, 1: b } = node.operands;
  if (is(node, 'relu')) return a;
  return is(node, 'maximum') && a && b && numberOf(a) === 0 ? b : undefined;
};

/** The value and the bounds that a chain of choices lies between: what a clipped value's gradient asks. */
function between(node: Node): { x: Node; low: Node; high: Node; value: Node } | undefined {
  const { 0: above, 1: inner, 2: zero } = is(node, 'where') ? node.operands : [];
  const { 0: below, 1: value, 2: other } = inner && is(inner, 'where') ? inner.operands : [];
  if (!above || !below || !value || !zero || !other || numberOf(zero) !== 0 || numberOf(other) !== 0) return undefined;
  const { 0: x, 1: low } = is(above, 'greater') ? above.operands : [];
  const { 0: high, 1: same } = is(below, 'greater') ? below.operands : [];
  return x && low && high && x === same ? { x, low, high, value } : undefined;
}

/** Slopes of a value that is bounded, where it meets the slope of its bound: of squares of positive parts, of Huber's loss. */
const bounded: Rule[] = [
  rule('positive part where it is positive', 'where', (node) => {
    const { 0: condition, 1: value, 2: zero } = node.operands;
    if (!condition || !value || !zero || numberOf(zero) !== 0 || !is(condition, 'greater')) return undefined;
    const { 0: x, 1: bound } = condition.operands;
    const part = positivePart(scaled(value)?.rest ?? value);
    return x && bound && numberOf(bound) === 0 && part === x ? value : undefined;
  }),
  rule('excess over bounds within them', 'where', (node) => {
    const inside = between(node);
    const excess = inside && (scaled(inside.value)?.rest ?? inside.value);
    if (!excess || !is(excess, 'sub')) return undefined;
    const clipped = make('clip', [inside.x, inside.low, inside.high], {});
    const isExcess = excess.operands.includes(inside.x) && excess.operands.includes(clipped);
    return isExcess ? constant(0) : undefined;
  }),
];

/** Elementwise operations broadcast by themselves, so a broadcast before one is needed only for its shape. */
const forms: Rule[] = [
  rule('broadcast before an elementwise operation', elementwiseOperations, (node) => {
    const operands = node.operands.map((operand) =>
      is(operand, 'broadcastTo') ? (operand.operands[0] ?? operand) : operand,
    );
    if (operands.every((operand, i) => operand === node.operands[i])) return undefined;
    const shape = broadcastShapes(operands.map((operand) => operand.shape));
    // What the bare operands do not reach is broadcast afterwards, when there is less of it to compute; only numbers are.
    if (node.dtype === 'bool' && !(shape && alike(shape, node.shape))) return undefined;
    return shape && make(node.op, operands, node.attributes as never);
  }),
  rule('broadcast of a broadcast', 'broadcastTo', (node) => {
    const { 0: x } = node.operands;
    const { 0: inner } = x?.operands ?? [];
    if (!x || !inner) return undefined;
    const same = is(x, 'broadcastTo') || (is(x, 'unsqueeze') && inner.rank === 0);
    return same ? broadcastTo(inner, node.attributes.shape) : undefined;
  }),
  rule('sum of a broadcast', 'sum', (node) => {
    const { 0: x } = node.operands;
    const { 0: value } = x && is(x, 'broadcastTo') ? x.operands : [];
    if (!x || !isScalar(value)) return undefined;
    const dims = node.attributes.axes.map((axis) => x.shape[axis] ?? 1);
    return mul(value, isKnown(dims) ? constant(sizeOf(dims)) : make('size', [], { dims }));
  }),
  rule('transpose of a transpose', 'transpose', (node) => {
    const { 0: x } = node.operands;
    if (!x) return undefined;
    const { permutation } = node.attributes;
    if (permutation.every((axis, i) => axis === i)) return x;
    const { 0: inner } = x.operands;
    if (!is(x, 'transpose') || !inner) return undefined;
    return transpose(
      inner,
      permutation.map((axis) => x.attributes.permutation[axis] ?? axis),
    );
  }),
  rule('transpose of a product', 'transpose', (node) => {
    const x = transposed(node);
    const { 0: a, 1: b } = x?.operands ?? [];
    return x && is(x, 'matmul') && a && b ? matmul(matrixTranspose(b), matrixTranspose(a)) : undefined;
  }),
  rule('product with a broadcast', 'matmul', ({ operands: [a, b] }) => {
    if (a?.rank !== 2 || b?.rank !== 2) return undefined;
    // Equal columns meet the sum of the other matrix's rows, equal rows are one row; and the mirror image.
    const { 0: left, 1: right } = [a, b].map((x) => (is(x, 'broadcastTo') ? x.operands[0] : undefined));
    const single = (x: Node, axis: -1 | -2): boolean => (x.shape.at(axis) ?? 1) === 1;
    if (left && single(left, -1)) return mul(left, sum(b, 0, { keepDims: true }));
    if (right && single(right, -2)) return mul(right, sum(a, 1, { keepDims: true }));
    if (left) return matmul(left.rank === 1 ? unsqueeze(left, 0) : left, b);
    return right && matmul(a, right);
  }),
  rule('sum of a sum', 'sum', (node) => {
    const { 0: x } = node.operands;
    if (!x) return undefined;
    const { 0: inner } = x.operands;
    const all = node.attributes.axes.length === x.rank && !node.attributes.keepDims;
    return all &&
      inner &&
      (is(x, 'transpose') || is(x, 'reshape') || is(x, 'unsqueeze') || is(x, 'squeeze') || is(x, 'sum'))
      ? sum(inner)
      : undefined;
  }),
  rule('reshape of a reshape', ['squeeze', 'unsqueeze', 'reshape'], (node) => {
    const { 0: x } = node.operands;
    if (!x) return undefined;
    const { 0: inner } = x.operands;
    if (is(node, 'squeeze') && is(x, 'unsqueeze') && inner && alike(inner.shape, node.shape)) return inner;
    if (is(node, 'unsqueeze') && is(x, 'squeeze') && inner && alike(inner.shape, node.shape)) return inner;
    if (!is(node, 'reshape')) return undefined;
    if (alike(x.shape, node.shape)) return x;
    return inner && is(x, 'reshape') ? reshape(inner, node.attributes.shape) : undefined;
  }),
];

/** What remains to be done where scalars have become known. */
export const arithmetic: readonly Rule[] = [...folding, ...neutral, ...forms];

/** Brings expressions into one form: constants folded, scalars outside, signs and transposes where they meet. */
export const algebra: readonly Rule[] = [...folding, ...neutral, ...signs, ...factors, ...bounded, ...forms];
