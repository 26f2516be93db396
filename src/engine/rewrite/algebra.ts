import {
  abs,
  add,
  broadcastTo,
  clip,
  div,
  exp,
  greater,
  ifElse,
  matmul,
  matrixTranspose,
  mul,
  neg,
  not,
  pow,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  transpose,
  unsqueeze,
  where,
} from '../functions';
import { constant } from '../leaves';
import { is, make, named, numberOf, withOperands, type Node, type OperatorName } from '../graph';
import { declarationOf, operators } from '../ops/operators';
import { alike, broadcastShapes, isKnown, sizeOf } from '../shape';
import { c, d, divisor, high, low, negative, p, pattern, positive, s, t, unknown, v, w, x, y } from './pattern';
import { rule, type Rule } from './rewrite';

// Rules take operands by number and not by an array's pattern, which goes through an iterator: in a process that has
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

/** A node as factor·rest, where the factor is a scalar expression and the rest is not. */
export function scaled(node: Node): { factor: Node; rest: Node } | undefined {
  const { 0: a, 1: b } = node.operands;
  if (node.rank === 0 || !a) return undefined;
  if (is(node, 'neg')) return { factor: constant(-1), rest: a };
  return is(node, 'mul') && b && a.rank === 0 && b.rank > 0 ? { factor: a, rest: b } : undefined;
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
    const operands = node.operands.map(({ shape }, i) => ({
      data: Float64Array.of(values[i]!),
      shape: isKnown(shape) ? shape : [],
    }));
    return constant(declarationOf(node).evaluate(operands, node.attributes).data[0]!);
  }),
  rule('order operands', ['add', 'mul', 'maximum', 'minimum', 'equal'], (node, a, b) =>
    a === b || precedes(a, b) ? undefined : withOperands(node, [b, a]),
  ),
];

const neutral: Rule[] = [
  pattern(add(0, x), x),
  pattern(sub(x, 0), x),
  pattern(sub(0, x), neg(x)),
  pattern(sub(x, x), 0),
  pattern(mul(1, x), x),
  pattern(mul(-1, x), neg(x)),
  pattern(mul(0, x), 0),
  pattern(div(x, 1), x),
  pattern(div(0, x), 0),
  pattern(mul(x, x), square(x)),
  pattern(pow(x, 0), 1),
  pattern(pow(x, 1), x),
  pattern(pow(x, 2), square(x)),
  pattern(pow(x, 3), mul(x, square(x))),
  pattern(pow(x, 0.5), sqrt(x)),
  pattern(pow(x, -0.5), div(1, sqrt(x))),
  pattern(pow(x, -1), div(1, x)),
  pattern(pow(x, -2), div(1, square(x))),
  pattern(neg(neg(x)), x),
  pattern(neg(sub(x, y)), sub(y, x)),
  pattern(not(not(p)), p),
  pattern(sqrt(square(x)), abs(x)),
  pattern(square(abs(x)), square(x)),
  pattern(square(neg(x)), square(x)),
  pattern(abs(neg(x)), abs(x)),
  ...[abs, square, exp, sqrt].map((positiveOf) => pattern(abs(positiveOf(x)), positiveOf(x))),
  pattern(where(p, x, x), x),
  pattern(ifElse(p, x, x), x),
];

const signs: Rule[] = [
  pattern(add(x, neg(y)), sub(x, y)),
  pattern(sub(x, neg(y)), add(x, y)),
  pattern(sub(neg(x), y), neg(add(x, y))),
  pattern(mul(neg(x), neg(y)), mul(x, y)),
  pattern(mul(x, neg(y)), neg(mul(x, y))),
  pattern(div(neg(x), neg(y)), div(x, y)),
  pattern(div(x, neg(y)), neg(div(x, y))),
  pattern(div(neg(x), y), neg(div(x, y))),
  pattern(neg(mul(c, x)), mul(neg(c), x)),
  pattern(mul(negative, sub(x, y)), mul(neg(negative), sub(y, x))),
  pattern(div(v, s), mul(div(1, s), v)),
  pattern(div(unknown, divisor), mul(div(1, divisor), unknown)),
];

/** Scalar factors move outwards, where they meet each other and where less is to be multiplied. */
const factors: Rule[] = [
  pattern(mul(c, mul(d, s)), mul(mul(c, d), s)),
  pattern(mul(unknown, mul(c, t)), mul(c, mul(unknown, t))),
  pattern(mul(s, mul(t, v)), mul(mul(s, t), v)),
  pattern(mul(w, mul(s, v)), mul(s, mul(w, v))),
  pattern(div(mul(s, v), y), mul(s, div(v, y))),
  pattern(div(y, mul(s, v)), mul(div(1, s), div(y, v))),
  pattern(div(mul(c, s), y), mul(c, div(s, y))),
  pattern(div(y, mul(c, s)), mul(div(1, c), div(y, s))),
  pattern(square(mul(s, v)), mul(square(s), square(v))),
  pattern(sqrt(mul(positive, x)), mul(sqrt(positive), sqrt(x))),
  rule('factor out of a linear operation', ['sum', 'matmul', 'transpose'], (node, a, b) => {
    const first = scaled(a);
    if (first) return mul(first.factor, withOperands(node, node.operands.with(0, first.rest)));
    const second = is(node, 'matmul') ? scaled(b) : undefined;
    return second && mul(second.factor, matmul(a, second.rest));
  }),
  rule('common factor', ['add', 'sub'], (node, a, b) => {
    if (!alike(a.shape, b.shape)) return undefined;
    const apply = is(node, 'add') ? add : sub;
    if (is(node, 'sub') && is(a, 'sub') && a.operands[1] === b) return sub(a.operands[0]!, mul(2, b));
    const [left, right] = [scaled(a), scaled(b)];
    const rest = left?.rest ?? a;
    if (rest === (right?.rest ?? b) && rest.rank > 0) return mul(apply(left?.factor ?? 1, right?.factor ?? 1), rest);
    if (left && right && left.factor === right.factor) return mul(left.factor, apply(left.rest, right.rest));
    return a === b && is(node, 'add') ? mul(2, a) : undefined;
  }),
];

/** Slopes of a value that is bounded, where it meets the slope of its bound: of squares of positive parts, of Huber's loss. */
const bounded: Rule[] = [
  pattern(where(greater(x, 0), y, 0), y, (at) => {
    const part = scaled(at(y))?.rest ?? at(y);
    const { 0: a, 1: b } = part.operands;
    return is(part, 'relu') ? a === at(x) : is(part, 'maximum') && numberOf(a!) === 0 && b === at(x);
  }),
  pattern(where(greater(x, low), where(greater(high, x), y, 0), 0), 0, (at) => {
    const excess = scaled(at(y))?.rest ?? at(y);
    const clipped = clip(at(x), at(low), at(high));
    return is(excess, 'sub') && excess.operands.includes(at(x)) && excess.operands.includes(clipped);
  }),
];

/** Elementwise operations broadcast by themselves, so a broadcast before one is needed only for its shape. */
const forms: Rule[] = [
  rule('broadcast before an elementwise operation', elementwiseOperations, (node) => {
    const operands = node.operands.map((operand) => (is(operand, 'broadcastTo') ? operand.operands[0]! : operand));
    if (operands.every((operand, i) => operand === node.operands[i])) return undefined;
    const shape = broadcastShapes(operands.map((operand) => operand.shape));
    // What the bare operands do not reach is broadcast afterwards, when there is less of it to compute; only numbers are.
    if (node.dtype === 'bool' && !(shape && alike(shape, node.shape))) return undefined;
    return shape && withOperands(node, operands);
  }),
  rule('broadcast of a broadcast', 'broadcastTo', (node, a) => {
    const { 0: inner } = a.operands;
    const same = is(a, 'broadcastTo') || (is(a, 'unsqueeze') && inner?.rank === 0);
    return same && inner ? broadcastTo(inner, node.attributes.shape) : undefined;
  }),
  rule('sum of a broadcast', 'sum', (node, a) => {
    const { 0: value } = a.operands;
    if (!is(a, 'broadcastTo') || value?.rank !== 0) return undefined;
    const dims = node.attributes.axes.map((axis) => a.shape[axis]!);
    return mul(value, isKnown(dims) ? constant(sizeOf(dims)) : make('size', [], { dims }));
  }),
  rule('transpose of a transpose', 'transpose', (node, a) => {
    const { permutation } = node.attributes;
    if (permutation.every((axis, i) => axis === i)) return a;
    if (!is(a, 'transpose')) return undefined;
    return transpose(
      a.operands[0]!,
      permutation.map((axis) => a.attributes.permutation[axis]!),
    );
  }),
  rule('transpose of a product', 'transpose', (node, product) =>
    transposed(node) && is(product, 'matmul')
      ? matmul(matrixTranspose(product.operands[1]!), matrixTranspose(product.operands[0]!))
      : undefined,
  ),
  rule('product with a broadcast', 'matmul', (_, a, b) => {
    if (a.rank !== 2 || b.rank !== 2) return undefined;
    // Equal columns meet the sum of the other matrix's rows, equal rows are one row; and the mirror image.
    const { 0: left, 1: right } = [a, b].map((one) => (is(one, 'broadcastTo') ? one.operands[0] : undefined));
    const single = (one: Node, axis: -1 | -2): boolean => (one.shape.at(axis) ?? 1) === 1;
    if (left && single(left, -1)) return mul(left, sum(b, 0, { keepDims: true }));
    if (right && single(right, -2)) return mul(right, sum(a, 1, { keepDims: true }));
    if (left) return matmul(left.rank === 1 ? unsqueeze(left, 0) : left, b);
    return right && matmul(a, right);
  }),
  rule('sum of a sum', 'sum', (node, a) => {
    const all = node.attributes.axes.length === a.rank && !node.attributes.keepDims;
    return all && rearranging.has(a.op) ? sum(a.operands[0]!) : undefined;
  }),
  rule('reshape of a reshape', ['squeeze', 'unsqueeze', 'reshape'], (node, a) => {
    const { 0: inner } = a.operands;
    if (is(node, 'reshape')) {
      if (alike(a.shape, node.shape)) return a;
      return inner && is(a, 'reshape') ? reshape(inner, node.attributes.shape) : undefined;
    }
    const undoes = is(a, is(node, 'squeeze') ? 'unsqueeze' : 'squeeze');
    return undoes && inner && alike(inner.shape, node.shape) ? inner : undefined;
  }),
];
const rearranging = named('transpose reshape unsqueeze squeeze sum');

/** What remains to be done where scalars have become known. */
export const arithmetic: readonly Rule[] = [...folding, ...neutral, ...forms];

/** Brings expressions into one form: constants folded, scalars outside, signs and transposes where they meet. */
export const algebra: readonly Rule[] = [...folding, ...neutral, ...signs, ...factors, ...bounded, ...forms];
