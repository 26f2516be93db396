import { add, div, exp, log1p, neg, sigmoid, softplus, sub, expm1 } from '../functions';
import { is, make, numberOf, type Node } from '../graph';
import { rule, type Rule } from './rewrite';

/** x where a node is eˣ. */
const exponent = (node: Node | undefined): Node | undefined => (node && is(node, 'exp') ? node.operands[0] : undefined);

/** x where a node is 1 + x. */
const onePlus = (node: Node | undefined): Node | undefined =>
  node && is(node, 'add') && node.operands[0] && numberOf(node.operands[0]) === 1 ? node.operands[1] : undefined;

/** Whether a shift by the largest element, with or without a gradient through it, has been made already. */
const isShifted = (x: Node): boolean => {
  const shift = is(x, 'sub') ? x.operands[1] : undefined;
  return shift !== undefined && (is(shift, 'max') || is(shift, 'stop'));
};

/** Expressions that overflow or cancel, written with the functions that do not. */
export const stabilization: readonly Rule[] = [
  rule('logarithm of 1 + x', 'log', (node) => {
    const x = onePlus(node.operands[0]);
    return x && log1p(x);
  }),
  rule('logarithm of 1 + exp x', 'log1p', (node) => {
    const x = exponent(node.operands[0]);
    return x && softplus(x);
  }),
  rule('exp x − 1', 'sub', (node) => {
    const { 0: a, 1: b } = node.operands;
    const x = b && numberOf(b) === 1 ? exponent(a) : undefined;
    return x && expm1(x);
  }),
  rule('logistic function', 'div', (node) => {
    const { 0: a, 1: b } = node.operands;
    if (!a || !b) return undefined;
    const x = exponent(onePlus(b));
    if (x && numberOf(a) === 1) return sigmoid(neg(x));
    return x && exponent(a) === x ? sigmoid(x) : undefined;
  }),
  rule('logarithm of a logistic function', 'log', (node) => {
    const { 0: s } = node.operands;
    const { 0: x } = s && is(s, 'sigmoid') ? s.operands : [];
    return x && neg(softplus(neg(x)));
  }),
  rule('complement of a logistic function', 'sub', (node) => {
    const { 0: a, 1: b } = node.operands;
    const { 0: x } = a && b && numberOf(a) === 1 && is(b, 'sigmoid') ? b.operands : [];
    return x && sigmoid(neg(x));
  }),
  rule('logarithm of a sum of exponentials', 'log', (node) => {
    const { 0: total } = node.operands;
    const x = total && is(total, 'sum') ? exponent(total.operands[0]) : undefined;
    if (!x || !total || !is(total, 'sum') || isShifted(x)) return undefined;
    const { axes, keepDims } = total.attributes;
    const kept = make('max', [x], { axes, keepDims: true });
    const inner = make('log', [make('sum', [exp(sub(x, kept))], { axes, keepDims })], {});
    return add(inner, keepDims ? kept : make('squeeze', [kept], { axes }));
  }),
  rule('exponentials over their sum', 'div', (node) => {
    const { 0: above, 1: below } = node.operands;
    const x = exponent(above);
    if (!x || !below || !is(below, 'sum') || below.operands[0] !== above || isShifted(x)) return undefined;
    if (!below.attributes.keepDims) return undefined;
    const shifted = exp(sub(x, make('max', [x], below.attributes)));
    return div(shifted, make('sum', [shifted], below.attributes));
  }),
];
