import {
  add,
  div,
  exp,
  exponentShift,
  log,
  log1p,
  mul,
  neg,
  reshape,
  sigmoid,
  softplus,
  squeeze,
  sub,
  sum,
  expm1,
  transpose,
  unsqueeze,
} from '../functions';
import { is, make, numberOf, topological, withOperands, type Node } from '../graph';
import { placeholder } from '../leaves';
import { alike } from '../shape';
import { rewrite, rule, type Rewriting, type Rule } from './rewrite';

/** x where a node is eˣ. */
const exponent = (node: Node | undefined): Node | undefined => (node && is(node, 'exp') ? node.operands[0] : undefined);

/** x where a node is c + x, with the number c. */
function offset(node: Node | undefined): { number: number; x: Node } | undefined {
  const { 0: a, 1: b } = node && is(node, 'add') ? node.operands : [];
  if (!a || !b) return undefined;
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined) return { number: left, x: b };
  return right === undefined ? undefined : { number: right, x: a };
}

/** x where a node is 1 + x. */
function onePlus(node: Node | undefined): Node | undefined {
  const { number, x } = offset(node) ?? {};
  return number === 1 ? x : undefined;
}

/** x where a node is σ(x). */
const logit = (node: Node | undefined): Node | undefined =>
  node && is(node, 'sigmoid') ? node.operands[0] : undefined;

/** The shift that has been made already: by the largest element, with or without a gradient through it. */
function shiftOf(x: Node): Node | undefined {
  const shift = is(x, 'sub') ? x.operands[1] : undefined;
  return shift && (is(shift, 'max') || is(shift, 'stop')) ? shift : undefined;
}

/** A node without axes of size 1 that were put in or taken out. */
const bare = (node: Node): Node =>
  (is(node, 'unsqueeze') || is(node, 'squeeze')) && node.operands[0] ? bare(node.operands[0]) : node;

/** Whether a node broadcasts as a reduction of `x` along some axes, with size 1 in their place. */
function isAlong(node: Node, x: Node, axes: readonly number[]): boolean {
  const missing = new Array<number>(Math.max(0, x.rank - node.rank)).fill(1);
  const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return alike([...missing, ...node.shape], kept);
}

/** A sum of exponentials: its exponents, and the sum itself. */
function sumOfExponentials(node: Node | undefined): { x: Node; total: Node<'sum'> } | undefined {
  if (!node || !is(node, 'sum')) return undefined;
  const x = exponent(node.operands[0]);
  return x && { x, total: node };
}

const logarithmOfSum = (node: Node | undefined): ReturnType<typeof sumOfExponentials> =>
  node && is(node, 'log') ? sumOfExponentials(node.operands[0]) : undefined;

/** Whether the logarithm of a node is written without one, or with one that cannot come to log 0. */
const hasLogarithm = (node: Node): boolean =>
  is(node, 'exp') || is(node, 'sigmoid') || sumOfExponentials(node) !== undefined || isShareOfExponentials(node);

const isShareOfExponentials = (node: Node): boolean =>
  is(node, 'div') && exponent(node.operands[0]) !== undefined && node.operands[1] !== undefined;

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
  rule('logarithm of the complement of a logistic function', 'log1p', (node) => {
    const { 0: negated } = node.operands;
    const x = negated && is(negated, 'neg') ? logit(negated.operands[0]) : undefined;
    return x && neg(softplus(x));
  }),
  rule('exp x − 1', ['sub', 'add'], (node) => {
    const { 0: a, 1: b } = node.operands;
    if (is(node, 'sub')) return b && numberOf(b) === 1 && exponent(a) ? expm1(exponent(a) as Node) : undefined;
    const { number, x } = offset(node) ?? {};
    const inner = number === -1 ? exponent(x) : undefined;
    return inner && expm1(inner);
  }),
  rule('logistic function', 'div', (node) => {
    const { 0: a, 1: b } = node.operands;
    const x = exponent(onePlus(b));
    if (!a || !b || !x) return undefined;
    if (exponent(a) === x) return sigmoid(x);
    return numberOf(a) === 1 ? sigmoid(neg(x)) : mul(a, sigmoid(neg(x)));
  }),
  rule('logarithm of a logistic function', 'log', (node) => {
    const x = logit(node.operands[0]);
    return x && neg(softplus(neg(x)));
  }),
  rule('complement of a logistic function', 'sub', (node) => {
    const { 0: a, 1: b } = node.operands;
    const x = a && numberOf(a) === 1 ? logit(b) : undefined;
    return x && sigmoid(neg(x));
  }),
  rule('logarithm of an exponential', 'log', (node) => exponent(node.operands[0])),
  rule('logarithm of two exponentials', 'log', (node) => {
    const { 0: total } = node.operands;
    const { 0: a, 1: b } = total && is(total, 'add') ? total.operands : [];
    const [x, y] = [exponent(a), exponent(b)];
    if (x && y) return add(x, softplus(sub(y, x)));
    const { number = 0, x: other } = offset(total) ?? {};
    const inner = exponent(other);
    return inner && number > 0 && number !== 1
      ? add(Math.log(number), softplus(sub(inner, Math.log(number))))
      : undefined;
  }),
  rule('logarithm of a sum of exponentials', 'log', (node) => {
    const { x, total } = sumOfExponentials(node.operands[0]) ?? {};
    if (!x || !total || shiftOf(x)) return undefined;
    const { axes, keepDims } = total.attributes;
    const shift = exponentShift(x, axes);
    return add(log(sum(exp(sub(x, shift)), axes, { keepDims })), keepDims ? shift : squeeze(shift, axes));
  }),
  rule('logarithm of a share of exponentials', 'log', (node) => {
    const { 0: share } = node.operands;
    const { 0: above, 1: below } = share && is(share, 'div') ? share.operands : [];
    const x = exponent(above);
    return x && below && sub(x, log(below));
  }),
  rule('logarithm of a multiple', 'log', (node) => {
    const { 0: multiple } = node.operands;
    const { 0: a, 1: b } = multiple && (is(multiple, 'mul') || is(multiple, 'div')) ? multiple.operands : [];
    if (!multiple || !a || !b) return undefined;
    const [left, right] = [numberOf(a) ?? 0, numberOf(b) ?? 0];
    if (right > 0 && hasLogarithm(a)) return add(is(multiple, 'mul') ? Math.log(right) : -Math.log(right), log(a));
    return left > 0 && is(multiple, 'mul') && hasLogarithm(b) ? add(Math.log(left), log(b)) : undefined;
  }),
  rule('logarithm of a part', 'log', (node) => {
    const { 0: part } = node.operands;
    const { 0: x, 1: places } = part?.operands ?? [];
    if (!part || !x || !hasLogarithm(bareOfMoves(x))) return undefined;
    if (is(part, 'slice')) return make('slice', [log(x)], part.attributes);
    if (is(part, 'take') && places) return make('take', [log(x), places], part.attributes);
    if (is(part, 'transpose')) return transpose(log(x), part.attributes.permutation);
    if (is(part, 'reshape')) return reshape(log(x), part.attributes.shape);
    if (is(part, 'squeeze')) return squeeze(log(x), part.attributes.axes);
    if (is(part, 'unsqueeze')) return unsqueeze(log(x), part.attributes.axes);
    return undefined;
  }),
  rule('exponentials over their sum', 'div', (node) => {
    const { 0: above, 1: below } = node.operands;
    const { x, total } = sumOfExponentials(below && bare(below)) ?? {};
    if (!above || !below || !x || !total || total.operands[0] !== above || shiftOf(x)) return undefined;
    const { axes } = total.attributes;
    if (!isAlong(below, x, axes)) return undefined;
    const shifted = exp(sub(x, exponentShift(x, axes)));
    return div(shifted, sum(shifted, axes, { keepDims: true }));
  }),
  rule('exponents less the logarithm of their sum', 'sub', (node) => {
    const { 0: x, 1: whole } = node.operands;
    const logarithm = whole && bare(whole);
    const { 0: a, 1: b } = logarithm && is(logarithm, 'add') ? logarithm.operands : [];
    if (!x || !whole || !a || !b) return undefined;
    const [inner, shift] = is(bare(a), 'log') ? [bare(a), b] : [bare(b), a];
    const { x: shifted, total } = logarithmOfSum(inner) ?? {};
    if (!shifted || !total || shifted.operands[0] !== x || shiftOf(shifted) !== bare(shift)) return undefined;
    if (!isAlong(whole, x, total.attributes.axes)) return undefined;
    // A large shift and a small logarithm added up would keep no more digits than the shift has.
    return sub(shifted, log(sum(exp(shifted), total.attributes.axes, { keepDims: true })));
  }),
  rule('exponential of a logarithm of a share', 'exp', (node) => {
    const { 0: difference } = node.operands;
    const { 0: x, 1: logarithm } = difference && is(difference, 'sub') ? difference.operands : [];
    const { x: summed, total } = logarithmOfSum(logarithm) ?? {};
    return x && total && summed === x ? div(exp(x), total) : undefined;
  }),
  rule('quotient of exponentials', 'div', (node) => {
    const { 0: a, 1: b } = node.operands;
    const [above, below] = [exponent(a), exponent(b)];
    if (!a || !below) return undefined;
    if (above) return alike(above.shape, below.shape) ? exp(sub(above, below)) : undefined;
    return numberOf(a) === 1 ? exp(neg(below)) : undefined;
  }),
  rule('product of exponentials', 'mul', (node) => {
    const [x, y] = [exponent(node.operands[0]), exponent(node.operands[1])];
    // An outer product of few exponentials is no exponential of many sums.
    return x && y && x !== y && alike(x.shape, y.shape) ? exp(add(x, y)) : undefined;
  }),
];

/** What is moved about by operations that `log` may go through. */
const moves = new Set(['slice', 'take', 'transpose', 'reshape', 'squeeze', 'unsqueeze']);
const bareOfMoves = (node: Node): Node =>
  moves.has(node.op) && node.operands[0] ? bareOfMoves(node.operands[0]) : node;

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

function substituted(root: Node, others: ReadonlyMap<Node, Node>): Node {
  if (others.size === 0) return root;
  const at = new Map(others);
  for (const node of topological([root], (one) => (others.has(one) ? [] : one.operands))) {
    if (at.has(node)) continue;
    at.set(
      node,
      withOperands(
        node,
        node.operands.map((operand) => at.get(operand) ?? operand),
      ),
    );
  }
  return at.get(root) ?? root;
}
