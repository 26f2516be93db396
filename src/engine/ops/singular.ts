import { abs, equal, greater, where } from '../functions';
import { is, named, numberOf, type Node } from '../graph';

/** Further than that no expression is looked into. */
const deepest = 12;

/** Operations that come to 0 with a slope of 0, by underflow too, or with a kink. */
const flat = named('square abs exp sigmoid softplus sumSquares');
/** Operations of which that is true where it is of their first operand. */
const keeping = named('sqrt sum max transpose reshape squeeze unsqueeze broadcastTo slice take');

/**
 * Whether a value has no slope where it is 0, as sums of squares have none: the root of such a one has a kink there or none
 * at all, and no infinite slope. (A factor that changes its sign beside it counts as constant.)
 */
export function isFlatAtZero(node: Node, depth = deepest): boolean {
  const { 0: a, 1: b } = node.operands;
  if (!a || depth === 0) return false;
  if (flat.has(node.op)) return true;
  const inner = (operand: Node | undefined): boolean => operand !== undefined && isFlatAtZero(operand, depth - 1);
  if (keeping.has(node.op) || is(node, 'div')) return inner(a);
  if (is(node, 'concatenate')) return node.operands.every(inner);
  if (is(node, 'add')) return inner(a) && inner(b);
  if (is(node, 'mul')) return a === b || inner(a) || inner(b);
  if (is(node, 'matmul')) return b !== undefined && turned(a) === turned(b);
  const power = is(node, 'pow') && b ? (numberOf(b) ?? 0) : 0;
  return power > 1 || (power > 0 && inner(a));
}

/** A vector, whether it stands as a row or as a column. */
const turned = (node: Node): Node =>
  (is(node, 'transpose') || is(node, 'unsqueeze')) && node.operands[0] ? turned(node.operands[0]) : node;

/** Whether a value is a positive number and something that is not negative. */
const isPositive = (node: Node): boolean =>
  is(node, 'add') && node.operands.some((operand) => (numberOf(operand) ?? 0) > 0) && isFlatSum(node);
const isFlatSum = (node: Node): boolean =>
  node.operands.every((operand) => numberOf(operand) !== undefined || isFlatAtZero(operand));

/** The slope of a root or a power that is infinite at 0, which there counts as 0 if what it is taken of is flat. */
export const slopeOfRoot = (slope: Node, x: Node): Node =>
  isFlatAtZero(x) && !isPositive(x) ? where(equal(x, 0), 0, slope) : slope;

/** Whether a value comes to an infinity by such operations, with an infinite slope, where what follows may be flat. */
function overflowsBy(node: Node, operations: ReadonlySet<string>, depth = deepest): boolean {
  if (depth === 0 || !passing.has(node.op)) return false;
  const divides = is(node, 'div') && node.operands[1] !== undefined && numberOf(node.operands[1]) === undefined;
  if (operations.has(node.op) && (!is(node, 'div') || divides)) return true;
  return node.operands.some((operand) => overflowsBy(operand, operations, depth - 1));
}
const exponentials = named('exp expm1');
const steep = named('exp expm1 pow div');
/** Operations through which an infinity passes. */
const passing = named('exp expm1 pow div neg abs square sqrt add sub mul maximum relu softplus');

/**
 * The slope of what is flat where x is infinite. There no adjoint flows on to the operations that overflowed, whose slopes are
 * infinite too: 1/(2 + eˣ) and exp(−eˣ) have the slope 0 far out, and not 0·∞.
 */
export function slopeOfSaturating(slope: Node, x: Node, by: 'exponentially' | 'as a quotient'): Node {
  const overflows = overflowsBy(x, by === 'exponentially' ? steep : exponentials);
  return overflows ? where(greater(Infinity, abs(x)), slope, 0) : slope;
}
