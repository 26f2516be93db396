import {
  add,
  div,
  exp,
  exponentShift,
  expm1,
  log,
  log1p,
  mul,
  neg,
  sigmoid,
  softplus,
  squeeze,
  sub,
  sum,
} from '../functions';
import { is, named, rebuilt, withOperands, type Node } from '../graph';
import { placeholder } from '../leaves';
import { alike } from '../shape';
import { areAlike, pattern, positive, x, y } from './pattern';
import { rewrite, rule, type Rewriting, type Rule } from './rewrite';

/** The shift that has been made already: by the largest element, with or without a gradient through it. */
function shiftOf(exponent: Node): Node | undefined {
  const shift = is(exponent, 'sub') ? exponent.operands[1] : undefined;
  return shift && (is(shift, 'max') || is(shift, 'stop')) ? shift : undefined;
}

/** What is under operations of some kinds on one operand. */
const under = (node: Node, operations: ReadonlySet<string>): Node =>
  operations.has(node.op) && node.operands[0] ? under(node.operands[0], operations) : node;
/** Operations that put axes of size 1 in or take them out, and all that `log` may go through. */
const resizing = named('unsqueeze squeeze');
const moves = named('unsqueeze squeeze slice take transpose reshape');

/** Whether a node broadcasts as a reduction of another along some axes, with size 1 in their place. */
function isAlong(node: Node, reduced: Node, axes: readonly number[]): boolean {
  const missing = new Array<number>(Math.max(0, reduced.rank - node.rank)).fill(1);
  const kept = reduced.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return alike([...missing, ...node.shape], kept);
}

/** A sum of exponentials: its exponents, and the sum itself. */
function sumOfExponentials(node: Node | undefined): { exponents: Node; total: Node<'sum'> } | undefined {
  const { 0: terms } = node?.operands ?? [];
  if (!node || !is(node, 'sum') || !terms || !is(terms, 'exp')) return undefined;
  return { exponents: terms.operands[0]!, total: node };
}

const logarithmOfSum = (node: Node): ReturnType<typeof sumOfExponentials> =>
  is(node, 'log') ? sumOfExponentials(node.operands[0]) : undefined;

/** Whether the logarithm of a node is written without one, or with one that cannot come to log 0. */
const hasLogarithm = (node: Node): boolean =>
  is(node, 'exp') ||
  is(node, 'sigmoid') ||
  sumOfExponentials(node) !== undefined ||
  (is(node, 'div') && is(node.operands[0]!, 'exp'));

/** Expressions that overflow or cancel, written with the functions that do not. */
export const stabilization: readonly Rule[] = [
  pattern(log(add(1, x)), log1p(x)),
  pattern(log1p(exp(x)), softplus(x)),
  pattern(log1p(neg(sigmoid(x))), neg(softplus(x))),
  pattern(sub(exp(x), 1), expm1(x)),
  pattern(add(-1, exp(x)), expm1(x)),
  pattern(div(exp(x), add(1, exp(x))), sigmoid(x)),
  pattern(div(1, add(1, exp(x))), sigmoid(neg(x))),
  pattern(div(y, add(1, exp(x))), mul(y, sigmoid(neg(x)))),
  pattern(log(sigmoid(x)), neg(softplus(neg(x)))),
  pattern(sub(1, sigmoid(x)), sigmoid(neg(x))),
  pattern(log(exp(x)), x),
  pattern(log(add(exp(x), exp(y))), add(x, softplus(sub(y, x)))),
  pattern(log(add(positive, exp(x))), add(log(positive), softplus(sub(x, log(positive))))),
  rule('logarithm of a sum of exponentials', 'log', (_, a) => {
    const { exponents, total } = sumOfExponentials(a) ?? {};
    if (!exponents || !total || shiftOf(exponents)) return undefined;
    const { axes, keepDims } = total.attributes;
    const shift = exponentShift(exponents, axes);
    return add(log(sum(exp(sub(exponents, shift)), axes, { keepDims })), keepDims ? shift : squeeze(shift, axes));
  }),
  pattern(log(div(exp(x), y)), sub(x, log(y))),
  pattern(log(mul(positive, x)), add(log(positive), log(x)), (at) => hasLogarithm(at(x))),
  pattern(log(div(x, positive)), add(neg(log(positive)), log(x)), (at) => hasLogarithm(at(x))),
  rule('logarithm of a part', 'log', (_, part) => {
    const { 0: whole, 1: places = whole } = part.operands;
    if (!whole || !places || !moves.has(part.op) || !hasLogarithm(under(whole, moves))) return undefined;
    return withOperands(part, is(part, 'take') ? [log(whole), places] : [log(whole)]);
  }),
  rule('exponentials over their sum', 'div', (_, above, below) => {
    const { exponents, total } = sumOfExponentials(under(below, resizing)) ?? {};
    if (!exponents || !total || total.operands[0] !== above || shiftOf(exponents)) return undefined;
    const { axes } = total.attributes;
    if (!isAlong(below, exponents, axes)) return undefined;
    const shifted = exp(sub(exponents, exponentShift(exponents, axes)));
    return div(shifted, sum(shifted, axes, { keepDims: true }));
  }),
  rule('exponents less the logarithm of their sum', 'sub', (_, exponents, whole) => {
    const parts = under(whole, resizing);
    if (!is(parts, 'add')) return undefined;
    const [a, b] = parts.operands.map((part) => under(part, resizing)) as [Node, Node];
    const [inner, shift] = is(a, 'log') ? [a, b] : [b, a];
    const { exponents: shifted, total } = logarithmOfSum(inner) ?? {};
    if (!shifted || !total || shifted.operands[0] !== exponents || shiftOf(shifted) !== shift) return undefined;
    if (!isAlong(whole, exponents, total.attributes.axes)) return undefined;
    // A large shift and a small logarithm added up would keep no more digits than the shift has.
    return sub(shifted, log(sum(exp(shifted), total.attributes.axes, { keepDims: true })));
  }),
  pattern(exp(sub(x, log(y))), div(exp(x), y), (at) => sumOfExponentials(at(y))?.exponents === at(x)),
  pattern(div(exp(x), exp(y)), exp(sub(x, y)), areAlike),
  pattern(div(1, exp(x)), exp(neg(x))),
  // An outer product of few exponentials is no exponential of many sums.
  pattern(mul(exp(x), exp(y)), exp(add(x, y)), (at) => at(x) !== at(y) && areAlike(at)),
];

/**
 * An expression as it is to be differentiated: the slopes of what overflows are no numbers either, and no rewriting
 * afterwards finds the expression in them.
 * @param order the expression's nodes, operands before results
 * @param fixed nodes that must be found in it again, such as those in which it is differentiated
 */
export function stabilized(root: Node, order: readonly Node[], fixed: ReadonlySet<Node>): Node {
  if (fixed.has(root) || !order.some((node) => is(node, 'exp') || is(node, 'sigmoid'))) return root;
  // No rule sees through a leaf.
  const stands = new Map<Node, Node>();
  for (const node of fixed) if (node.operands.length > 0) stands.set(node, placeholder('fixed', node.shape));
  const log: Rewriting[] = [];
  const [stable = root] = rewrite([substituted(root, stands)], stabilization, log);
  if (log.length === 0) return root;
  return substituted(stable, new Map(Array.from(stands, ([node, stand]) => [stand, node])));
}

const substituted = (root: Node, others: ReadonlyMap<Node, Node>): Node =>
  rebuilt([root], (node, moved) => others.get(node) ?? moved)[0]!;
