import { describe, is, isLeaf, topological, type Node } from './graph';
import type { Attributes } from './ops/attributes';
import type { Values } from './ops/declaration';
import { declarationOf } from './ops/operators';
import { ShapeError, type Dim, type Shape } from './shape';
import type { Tensor } from './tensor';

/** Values of leaves. Shared nodes that are not bound have their initial values. */
export type Bindings = ReadonlyMap<Node, Tensor>;

/** Sizes of named dimensions, from the shapes of what is bound to the nodes that carry the names. @throws ShapeError on a misfit. */
export function bindSizes(shapes: ReadonlyMap<Node, readonly number[]>): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [node, shape] of shapes) {
    if (shape.length !== node.rank) {
      throw new ShapeError(`${describe(node)} has ${node.rank} dimensions, but was given [${shape.join(', ')}]`);
    }
    for (const [axis, dim] of node.shape.entries()) {
      const given = shape[axis] ?? 1;
      const expected = typeof dim === 'number' ? dim : (sizes.get(dim) ?? given);
      if (expected !== given) {
        throw new ShapeError(
          `${describe(node)} is of shape [${node.shape.join(', ')}], but was given [${shape.join(', ')}]: ` +
            `${typeof dim === 'number' ? `axis ${axis}` : dim} must be ${expected}`,
        );
      }
      if (typeof dim === 'string') sizes.set(dim, given);
    }
  }
  return sizes;
}

/** Attributes with named sizes replaced by numbers. */
export function resolveSizes(attributes: Attributes[keyof Attributes], sizes: ReadonlyMap<string, number>): never {
  const resolve = (shape: Shape): Shape =>
    shape.map((dim: Dim) => (typeof dim === 'number' ? dim : (sizes.get(dim) ?? dim)));
  const resolved: Record<string, unknown> = { ...attributes };
  if ('shape' in attributes) resolved['shape'] = resolve(attributes.shape);
  if ('dims' in attributes) resolved['dims'] = resolve(attributes.dims);
  return resolved as never;
}

/** Values of nodes in float64 by the operators' reference evaluations: slow, simple, and what all else is checked against. */
export function evaluate(roots: readonly Node[], bindings: Bindings = new Map()): Values[] {
  const order = topological(roots);
  const bound = new Map(bindings);
  for (const node of order) {
    if (is(node, 'shared') && !bound.has(node)) bound.set(node, node.attributes.initial);
  }
  const sizes = bindSizes(new Map(Array.from(bound, ([node, { shape }]) => [node, shape])));
  const values = new Map<Node, Values>();
  for (const node of order) values.set(node, isLeaf(node) ? leafValue(node, bound) : operation(node));

  function operation(node: Node): Values {
    const operands = node.operands.map((operand) => valueOf(operand));
    return declarationOf(node).evaluate(operands, resolveSizes(node.attributes, sizes));
  }
  function valueOf(node: Node): Values {
    const value = values.get(node);
    if (!value) throw new Error(`${describe(node)} has no value yet`);
    return value;
  }
  return roots.map(valueOf);
}

function leafValue(node: Node, bindings: Bindings): Values {
  const value = is(node, 'constant') ? node.attributes.value : bindings.get(node);
  if (!value) throw new Error(`${describe(node)} was given no value`);
  return { data: Float64Array.from(value.data), shape: value.shape };
}

/** A node that is not finite though all of its operands are. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';
}

/**
 * Values of nodes as by `evaluate`, checked one by one.
 * @throws NonFiniteError naming the first operation that makes a NaN or an infinity.
 */
export function evaluateChecked(roots: readonly Node[], bindings: Bindings): Values[] {
  const order = topological(roots);
  const values = evaluate(order, bindings);
  order.forEach((node, i) => {
    const wrong = values[i]?.data.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (wrong < 0) return;
    const kind = isLeaf(node) ? 'was given' : 'makes';
    throw new NonFiniteError(`${describe(node)} ${kind} ${values[i]?.data[wrong] ?? NaN}, at element ${wrong}`);
  });
  return roots.map((root) => values[order.indexOf(root)] ?? { data: new Float64Array(), shape: [] });
}
