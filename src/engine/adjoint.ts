import { add, broadcastTo, fill, greater, ifElse, sumLike, toFloat, unsqueeze, where } from './functions';
import { is, make, numberOf, type Node } from './graph';
import { declarationOf } from './ops/operators';
import { layout } from './ops/layout';

/**
 * What flows back to a node, as far as it does: where a choice left the node's elements out nothing does, whatever `value`
 * is there. So an adjoint passes through slopes that are infinite where they are not wanted (of log at 0, of an exponential
 * that overflows) without becoming 0·∞ = NaN: what was left out is replaced by zeros at the end, not multiplied by them.
 */
export interface Adjoint {
  /** Broadcasts to the node's shape. */
  readonly value: Node;
  readonly active: Active;
  /** Whether the value is zero wherever nothing flows, as it is after a sum. */
  readonly zeroed?: boolean;
}

/** Where an adjoint flows: everywhere, nowhere, or as conditions say. */
export type Active = boolean | Guard;
interface Guard {
  readonly condition: Condition;
  readonly yes: Active;
  readonly no: Active;
}

/** A condition that broadcasts to the shape of the node whose adjoint it guards; some are only made when they are asked. */
class Condition {
  private made: Node | undefined;
  constructor(
    readonly rank: number,
    private readonly make: () => Node,
    /** Whether the alternative that does not hold is not computed at all. */
    readonly lazy = false,
  ) {}
  get node(): Node {
    return (this.made ??= this.make());
  }
}

/** Conditions that are nodes already, so that the same node is the same condition. */
const conditions = new WeakMap<Node, Map<boolean, Condition>>();

function conditionOf(node: Node, lazy = false): Condition {
  const known = conditions.get(node) ?? new Map<boolean, Condition>();
  conditions.set(node, known);
  const condition = known.get(lazy) ?? new Condition(node.rank, () => node, lazy);
  known.set(lazy, condition);
  return condition;
}

/** More conditions within each other than that are made one. */
const deepest = 8;

const depth = (active: Active): number =>
  typeof active === 'boolean' ? 0 : 1 + Math.max(depth(active.yes), depth(active.no));

const guard = (condition: Condition, yes: Active, no: Active): Active => (yes === no ? yes : { condition, yes, no });

/** An adjoint that flows everywhere. */
export const everywhere = (value: Node): Adjoint => ({ value, active: true });

/** Reads alternatives that are zero, `where(c, g, 0)`, as places where nothing flows. */
export function adjointOf(value: Node): Adjoint {
  if (isZero(value)) return { value, active: false };
  if (!is(value, 'where') && !is(value, 'ifElse')) return everywhere(value);
  const [condition, yes, no] = value.operands as [Node, Node, Node];
  const [left, right] = [adjointOf(yes), adjointOf(no)];
  if (left.active === true && right.active === true) return everywhere(value);
  return choice(conditionOf(condition, is(value, 'ifElse')), left, right);
}

const isZero = (node: Node): boolean =>
  numberOf(node) === 0 || (is(node, 'broadcastTo') && node.operands[0] !== undefined && isZero(node.operands[0]));

function choice(condition: Condition, yes: Adjoint, no: Adjoint): Adjoint {
  const active = guard(condition, yes.active, no.active);
  if (yes.active === false) return { value: no.value, active };
  if (no.active === false || yes.value === no.value) return { value: yes.value, active };
  return { value: select(condition, yes.value, no.value), active };
}

/** Of an `ifElse` the alternatives are of one shape; they are smaller only where both are numbers. */
function select(condition: Condition, yes: Node, no: Node): Node {
  if (!condition.lazy) return where(condition.node, yes, no);
  const like = yes.rank >= no.rank ? yes : no;
  return ifElse(condition.node, broadcastTo(yes, like.shape), broadcastTo(no, like.shape));
}

/** The adjoint as one expression in the node's shape, with zeros where nothing flows. */
export const expressed = (adjoint: Adjoint, node: Node): Node => broadcastIfNeeded(zeroed(adjoint, node), node);

const zeroed = (adjoint: Adjoint, node: Node): Node =>
  adjoint.zeroed ? adjoint.value : masked(adjoint.value, adjoint.active, node);

function masked(value: Node, active: Active, node: Node): Node {
  if (active === true) return value;
  if (active === false) return fill(0, node);
  const { condition, yes, no } = active;
  if (!condition.lazy) {
    const side = (one: Active): Node | number => (one === false ? 0 : masked(value, one, node));
    return where(condition.node, side(yes), side(no));
  }
  const side = (one: Active): Node => broadcastIfNeeded(masked(value, one, node), node);
  return ifElse(condition.node, side(yes), side(no));
}

/** An elementwise rule may answer with something smaller than the result, e.g. the constant 1. */
export const broadcastIfNeeded = (contribution: Node, result: Node): Node =>
  contribution.rank === result.rank && contribution.shape.every((dim, i) => dim !== 1 || result.shape[i] === 1)
    ? contribution
    : broadcastTo(contribution, result.shape);

/** The sum of two adjoints of a node. What flows where the other does not stays an alternative to it. */
export function plus(a: Adjoint, b: Adjoint, node: Node): Adjoint {
  if (a.active === false) return b;
  if (b.active === false) return a;
  if (typeof a.active === 'boolean' || typeof b.active === 'boolean') {
    return everywhere(add(zeroed(a, node), zeroed(b, node)));
  }
  if (a.active.condition === b.active.condition) {
    const { condition, yes, no } = a.active;
    return choice(
      condition,
      plus({ value: a.value, active: yes }, { value: b.value, active: b.active.yes }, node),
      plus({ value: a.value, active: no }, { value: b.value, active: b.active.no }, node),
    );
  }
  const [left, right] = [a.active, b.active];
  const rank = Math.max(rankOf(left), rankOf(right));
  const either = new Condition(rank, () => greater(add(asNumber(left), asNumber(right)), 0));
  return {
    value: add(zeroed(a, node), zeroed(b, node)),
    active: guard(either, true, false),
    zeroed: true,
  };
}

/** The highest rank among an adjoint's conditions. */
const rankOf = (active: Active): number =>
  typeof active === 'boolean' ? 0 : Math.max(active.condition.rank, rankOf(active.yes), rankOf(active.no));

/** 1 where an adjoint flows, 0 elsewhere. */
function asNumber(active: Active): Node | number {
  if (typeof active === 'boolean') return Number(active);
  if (active.yes === true && active.no === false) return toFloat(active.condition.node);
  return where(active.condition.node, asNumber(active.yes), asNumber(active.no));
}

/** What flows on where some of an adjoint's own does: `inner` within `outer`. */
function within(outer: Active, inner: Active): Active {
  if (outer === true || inner === false) return inner;
  if (outer === false) return false;
  return guard(outer.condition, within(outer.yes, inner), within(outer.no, inner));
}

/** What flows from a node to its operands. */
export function pullBack(node: Node, adjoint: Adjoint): readonly (Adjoint | undefined)[] {
  if (adjoint.active === false) return [];
  const { elementwise, vjp } = declarationOf(node);
  const limited = depth(adjoint.active) > deepest ? { ...adjoint, active: joined(adjoint.active) } : adjoint;
  const { value: given, active: outer } = limited;
  // What a single truth value decides it decides for all elements.
  const isSingle = rankOf(outer) === 0;
  const own = elementwise ? given : isSingle ? broadcastIfNeeded(given, node) : expressed(limited, node);
  return vjp(own, node, node.attributes as never).map((contribution, i) => {
    const operand = node.operands[i];
    if (!contribution || !operand) return undefined;
    const { value, active } = adjointOf(contribution);
    if (elementwise) return toOperand({ value, active: within(outer, active) }, node, operand);
    if (isSingle) return { value, active: within(outer, active) };
    const reached = reachedFrom(node, outer, i);
    // Where an operator's own rule leaves nothing out, what was zero came to zeros.
    return reached
      ? { value, active: within(guard(reached, true, false), active), zeroed: active === true }
      : { value, active };
  });
}

/** Conditions as one. */
function joined(active: Active): Active {
  if (typeof active === 'boolean') return active;
  return guard(new Condition(rankOf(active), () => greater(asNumber(active), 0)), true, false);
}

/** The adjoint of an operand that was broadcast to the node: summed over the axes that this added or stretched. */
function toOperand(adjoint: Adjoint, node: Node, operand: Node): Adjoint {
  const { value, active } = adjoint;
  const isSame = operand.rank === node.rank && operand.shape.every((dim, i) => dim !== 1 || node.shape[i] === 1);
  if (isSame && typeof active !== 'boolean') return adjoint;
  if (rankOf(active) === 0) return { ...adjoint, value: sumLike(broadcastIfNeeded(value, node), operand) };
  const flows = (): Node => sumLike(broadcastTo(asNumber(active), node.shape), operand);
  const any = new Condition(operand.rank, () => greater(flows(), 0));
  return { value: sumLike(expressed(adjoint, node), operand), active: guard(any, true, false), zeroed: true };
}

/** Where an operand's elements take part in some element of the result that an adjoint flows to; undefined where all may. */
function reachedFrom(node: Node, active: Active, which: number): Condition | undefined {
  const { rank } = node.operands[which]!;
  const condition = (reach: (flows: Node) => Node): Condition =>
    new Condition(rank, () => greater(reach(broadcastTo(asNumber(active), node.shape)), 0));
  if (is(node, 'matmul')) {
    // An operand's rows, or columns, are multiplied by all of the other's.
    const axes = [node.rank - (which === 0 ? 1 : 2)];
    return rank === node.rank ? condition((flows) => make('max', [flows], { axes, keepDims: true })) : undefined;
  }
  if ('keepDims' in node.attributes) {
    const { axes, keepDims } = node.attributes;
    return condition((flows) => (keepDims || node.rank === 0 ? flows : unsqueeze(flows, axes)));
  }
  // Their adjoints move elements and add them up, so those of ones count what is reached.
  const moves = node.op in layout || is(node, 'cumsum');
  return moves
    ? condition((flows) => declarationOf(node).vjp(flows, node, node.attributes as never)[which]!)
    : undefined;
}
