import { greater, ifElse, min, toFloat } from './functions';
import { is, isLeaf, make, topological, withOperands, type Node, type OperatorName } from './graph';
import { shared, state } from './leaves';
import { loopOf } from './loops';
import { elementOf, spread, stack, unsqueezed } from './ops/batching';
import type { BatchOperand, BatchRule } from './ops/declaration';
import { changingStates, rootsOf, type StepProgram } from './step-program';
import { declarationOf } from './ops/operators';
import { algebra } from './rewrite/algebra';
import { inferSizes } from './rewrite/cost';
import { rewrite } from './rewrite/rewrite';
import { specialization } from './rewrite/specialize';
import type { Precision } from './run/session';
import type { Shape } from './shape';

/**
 * Expressions for a whole batch at once: what `roots` are for one element, with a value of its own for each leaf of
 * `leaves`, as nodes with the batch's axis first. What depends on no such leaf is computed once for all, and a matrix that
 * is the same for all is multiplied once (see `ops/batching.ts`).
 *
 * An `ifElse` whose condition differs within the batch is one for all where all may take the first alternative, and
 * element by element elsewhere, so that what no element needs is not computed.
 *
 * @param leaves for each leaf that differs, its batched counterpart, of shape [count, …]
 */
export function batch(roots: readonly Node[], leaves: ReadonlyMap<Node, Node>, count: number): Node[] {
  const differing = dependents(roots, new Set(leaves.keys()));
  /** What is computed in any case, and hence for the whole batch. */
  const always = new Set(
    topological(roots, (node) => (isChoice(node, differing) ? node.operands.slice(0, 1) : node.operands)).flatMap(
      (node) => (is(node, 'iterate') ? loopOf(node).results : [node]),
    ),
  );
  const batched = new Map<Node, Node>(leaves);

  const operandOf = (node: Node): BatchOperand => ({ node: batched.get(node) ?? node, batched: batched.has(node) });

  /** Batches nodes and all that they need. */
  function build(targets: readonly Node[]): void {
    // The alternatives of a choice are built where it is met: one of them element by element.
    const order = topological(targets, (node) => {
      if (batched.has(node) || !differing.has(node)) return [];
      if (isChoice(node, differing)) {
        return [
          ...node.operands.slice(0, 2),
          ...topological(node.operands.slice(2), around).filter((one) => always.has(one)),
        ];
      }
      return around(node);
    });
    for (const node of order) {
      if (batched.has(node) || !differing.has(node)) continue;
      if (isChoice(node, differing)) batched.set(node, choice(node));
      else if (is(node, 'iterate')) buildLoop(node);
      else batched.set(node, operation(node));
    }
  }

  function operation(node: Node): Node {
    const operands = node.operands.map(operandOf);
    const rule = declarationOf(node).batch as BatchRule<unknown> | undefined;
    if (!rule) return alike(operands, node, count);
    const ofOne = (at: number): Node =>
      withOperands(
        node,
        operands.map((operand) => elementAt(operand, at)),
      );
    return rule(operands as never, node.attributes, node, count) ?? stack(each(ofOne));
  }

  function choice(node: Node<'ifElse'>): Node {
    const [condition, yes, no] = node.operands as [Node, Node, Node];
    const conditions = spread(operandOf(condition), count);
    const all = greater(min(toFloat(conditions)), 0.5);
    const separately = each((at) => ifElse(elementOf(conditions, at), alone(yes, at), alone(no, at)));
    return ifElse(all, spread(operandOf(yes), count), stack(separately));
  }

  /** An expression for one element, from values that the batch has anyway. */
  function alone(root: Node, at: number): Node {
    const own = new Map<Node, Node>();
    const isGiven = (node: Node): boolean =>
      !differing.has(node) || ((always.has(node) || isLeaf(node)) && batched.has(node));
    const order = topological([root], (node) => (isGiven(node) ? [] : node.operands));
    // Loops that are its own keep their states, which stand for one element.
    const states = new Set<Node>(
      order.flatMap((node) => (is(node, 'iterate') && !isGiven(node) ? node.attributes.states : [])),
    );
    for (const node of order) {
      const value =
        isGiven(node) && !states.has(node)
          ? elementAt(operandOf(node), at)
          : withOperands(
              node,
              node.operands.map((operand) => own.get(operand) ?? operand),
            );
      own.set(node, value);
    }
    return own.get(root) ?? root;
  }

  function buildLoop(node: Node<'iterate'>): void {
    const { count: turns, states, initial, next, results } = loopOf(node);
    const begin = initial.map((value) => spread(operandOf(value), count));
    const moved = states.map((one, i) => state(one.attributes.name, turns, begin[i] ?? one));
    states.forEach((one, i) => batched.set(one, moved[i] ?? one));
    build(next);
    const after = next.map((value) => spread(operandOf(value), count));
    results.forEach((result, index) =>
      batched.set(result, make('iterate', [...begin, ...after], { states: moved, index })),
    );
  }

  const each = (make: (at: number) => Node): Node[] => Array.from({ length: count }, (_, at) => make(at));

  build(roots);
  return roots.map((root) => spread(operandOf(root), count));
}

const next = (axis: number): number => axis + 1;

/** How what attributes say of axes is said where the batch's comes first. */
const moved: Record<string, (value: never, count: number) => unknown> = {
  axis: next,
  axes: (axes: readonly number[]) => axes.map(next),
  permutation: (axes: readonly number[]) => [0, ...axes.map(next)],
  shape: (shape: Shape, count) => [count, ...shape],
};

/** The same operation with the batch's axis first. Broadcasting aligns last axes: axes of size 1 come after the batch's. */
function alike(operands: readonly BatchOperand[], node: Node, count: number): Node {
  const broadcasts = declarationOf(node).elementwise ?? is(node, 'broadcastTo');
  const whole = operands.map((operand) => {
    if (!broadcasts) return spread(operand, count);
    return operand.batched ? unsqueezed(operand.node, node.rank - (operand.node.rank - 1)) : operand.node;
  });
  const attributes = Object.entries(node.attributes).map(([name, value]) => [
    name,
    moved[name]?.(value as never, count) ?? (value as unknown),
  ]);
  return make(node.op as OperatorName, whole, Object.fromEntries(attributes) as never);
}

/** What a node needs, of a loop what it needs before its first turn. */
const around = (node: Node): readonly Node[] => (is(node, 'iterate') ? loopOf(node).initial : node.operands);

const elementAt = ({ node, batched }: BatchOperand, at: number): Node => (batched ? elementOf(node, at) : node);

/** Whether a node is a choice that elements of the batch make each for itself. */
const isChoice = (node: Node, differing: ReadonlySet<Node>): node is Node<'ifElse'> =>
  is(node, 'ifElse') && node.operands[0] !== undefined && differing.has(node.operands[0]);

/** All nodes that depend on some leaves. A loop's states depend on what its values before and after a turn depend on. */
function dependents(roots: readonly Node[], leaves: ReadonlySet<Node>): Set<Node> {
  const found = new Set(leaves);
  const order = topological(roots);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const node of order) {
      if (!found.has(node) && node.operands.some((operand) => found.has(operand))) found.add(node);
      if (is(node, 'iterate') && found.has(node)) for (const one of node.attributes.states) found.add(one);
    }
  }
  return found;
}

/**
 * A rewritten program as one of several runs side by side. What was found the cheapest for one run is taken for each: only
 * what the batch itself brings in, such as transposes, is rewritten once more.
 */
export function batchProgram(program: StepProgram, count: number, precision: Precision): StepProgram {
  const leaves = new Map<Node, Node>();
  const updated = changingStates(program);
  for (const [, { node }] of updated) if (is(node, 'shared')) leaves.set(node, repeated(node, count));
  const roots = rootsOf(program);
  const together = batch(roots, leaves, count);
  const rewritten = rewrite(together, [...algebra, ...specialization(together, inferSizes(together), precision)]);
  const at = new Map(roots.map((root, i) => [root, rewritten[i] ?? root]));
  const after = (node: Node): Node => at.get(node) ?? node;
  const states = updated.map(([name, { node, next }]) => {
    return [name, { node: leaves.get(node) ?? node, next: after(next) }] as const;
  });
  return {
    ...program,
    outputs: new Map(Array.from(program.outputs, ([name, node]) => [name, after(node)])),
    // What nothing updates stays the same for all.
    states: new Map([...program.states, ...states]),
    batch: count,
  };
}

/** A shared value for each run, all with the same initial one. */
function repeated({ attributes: { name, initial }, shape }: Node<'shared'>, count: number): Node<'shared'> {
  const data = new Float64Array(count * initial.data.length);
  for (let at = 0; at < count; at++) data.set(initial.data, at * initial.data.length);
  return shared({ data, shape: [count, ...initial.shape] }, name, { shape: [count, ...shape] });
}
