import { listOf, nodeOf } from './arguments';
import { describe, is, isLeaf, operation, topological, type Node, type Attributes } from './graph';
import { loopOf, type Loop } from './loops';
import type { Values } from './ops/declaration';
import { declarationOf } from './ops/operators';
import { IndexError } from './ops/values';
import { formatShape, ShapeError, stridesOf, type Shape } from './shape';
import type { Tensor } from './tensor';

/** Values of leaves. Shared nodes that are not bound have their initial values. */
export type Bindings = ReadonlyMap<Node, Tensor>;

/** Where a node stands in a program, to end a message with; nothing for expressions of no program. */
export type Place = (node: Node) => string;
const nowhere: Place = () => '';

/** Sizes of named dimensions, from the shapes of what is bound to the nodes that carry the names. @throws ShapeError on a misfit. */
export function bindSizes(shapes: ReadonlyMap<Node, readonly number[]>, place: Place = nowhere): Map<string, number> {
  const sizes = new Map<string, number>();
  const carriers = new Map<string, Node>();
  for (const [node, shape] of shapes) {
    const given = `${describe(node)} is of shape ${formatShape(node.shape)}, but was given ${formatShape(shape)}`;
    if (shape.length !== node.rank) throw new ShapeError(`${given}${place(node)}`);
    for (const [axis, dim] of node.shape.entries()) {
      const size = shape[axis] ?? 1;
      const expected = typeof dim === 'number' ? dim : (sizes.get(dim) ?? size);
      if (expected !== size) {
        const carrier = carriers.get(String(dim));
        const what = carrier
          ? `${dim} must be ${expected}, as in ${describe(carrier)}`
          : `axis ${axis} must be ${expected}`;
        throw new ShapeError(`${given}: ${what}${place(node)}`);
      }
      if (typeof dim !== 'string') continue;
      sizes.set(dim, size);
      carriers.set(dim, node);
    }
  }
  return sizes;
}

/** An operation's attributes with named sizes replaced by numbers. */
export function resolveSizes(attributes: Attributes[keyof Attributes], sizes: ReadonlyMap<string, number>): never {
  const resolve = (value: unknown): unknown => (typeof value === 'string' ? (sizes.get(value) ?? value) : value);
  const entries = Object.entries(attributes) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.map(resolve) : resolve(value)]),
  ) as never;
}

/** Values of nodes in float64 by the operators' reference evaluations: slow, simple, and what all else is checked against. */
export function evaluate(roots: readonly Node[], bindings: Bindings = new Map(), place = nowhere): Values[] {
  for (const root of listOf('evaluate', roots, 'the first argument', 'expressions')) nodeOf('evaluate', root, 'a root');
  return evaluateEach(roots, bindings, () => undefined, place);
}

/** Evaluates nodes and shows each value to `inspect` as soon as it is there, those of a loop once a turn. */
function evaluateEach(
  roots: readonly Node[],
  bindings: Bindings,
  inspect: (node: Node, value: Values, operands: readonly Values[]) => void,
  place: Place,
): Values[] {
  const bound = new Map(bindings);
  for (const node of topological(roots)) {
    if (is(node, 'shared') && !bound.has(node)) bound.set(node, node.attributes.initial);
  }
  const sizes = bindSizes(new Map(Array.from(bound, ([node, { shape }]) => [node, shape])));

  function apply(node: Node, operands: readonly Values[]): Values {
    try {
      return declarationOf(node).evaluate(operands, resolveSizes(node.attributes, sizes));
    } catch (error) {
      if (!(error instanceof IndexError)) throw error;
      throw new IndexError(`${operation(node.op, node.operands, shapesOf(operands))}: ${error.message}${place(node)}`);
    }
  }

  /** Evaluates within one turn of the loops whose states have values. */
  function evaluateWithin(targets: readonly Node[], values: Map<Node, Values>): Values[] {
    const within = (node: Node): boolean => [...node.states].every((state) => values.has(state));
    const order = topological(targets, (node) => {
      if (values.has(node)) return [];
      if (!is(node, 'iterate')) return node.operands;
      // What a loop's body needs from around the loop is computed once.
      return [...loopOf(node).initial, ...topological(loopOf(node).next).filter(within)];
    });
    for (const node of order) {
      if (values.has(node)) continue;
      if (is(node, 'iterate')) {
        const loop = loopOf(node);
        const last = evaluateLoop(loop, values);
        loop.results.forEach((result, i) => values.set(result, last[i]!));
      } else {
        const operands = node.operands.map((operand) => values.get(operand)!);
        const value = isLeaf(node) ? leafValue(node, bound) : apply(node, operands);
        values.set(node, value);
        inspect(node, value, operands);
      }
    }
    return targets.map((target) => values.get(target)!);
  }

  function evaluateLoop({ count, states, initial, next }: Loop, around: Map<Node, Values>): Values[] {
    let current = initial.map((node) => around.get(node)!);
    for (let turn = 0; turn < count; turn++) {
      const values = new Map(around);
      states.forEach((state, i) => values.set(state, current[i]!));
      current = evaluateWithin(next, values);
    }
    return current;
  }

  return evaluateWithin(roots, new Map());
}

function leafValue(node: Node, bindings: Bindings): Values {
  const value = is(node, 'constant') ? node.attributes.value : bindings.get(node);
  if (!value) throw new Error(`${describe(node)} was given no value`);
  return { data: Float64Array.from(value.data), shape: value.shape };
}

const shapesOf = (values: readonly Values[]): Shape[] => values.map(({ shape }) => shape);

/** A node that is not finite though all of its operands are. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';
}

/**
 * Values of nodes as by `evaluate`, checked one by one.
 * @param place where a node stands, for the message
 * @throws NonFiniteError naming the first operation that makes a NaN or an infinity, its operands and their shapes
 */
export function evaluateChecked(roots: readonly Node[], bindings: Bindings, place: Place): Values[] {
  const inspect = (node: Node, { data, shape }: Values, operands: readonly Values[]): void => {
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong < 0) return;
    const what = isLeaf(node)
      ? `${describe(node)} ${formatShape(shape)} was given`
      : `${operation(node.op, node.operands, shapesOf(operands))} makes`;
    const at = stridesOf(shape).map((stride, axis) => Math.floor(wrong / stride) % (shape[axis] ?? 1));
    throw new NonFiniteError(`${what} ${data[wrong] ?? NaN} at ${formatShape(at)}${place(node)}`);
  };
  return evaluateEach(roots, bindings, inspect, place);
}
