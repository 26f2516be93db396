import { describe, is, isLeaf, type Node } from '../graph';
import { declarationOf } from '../ops/operators';
import type { Emitter } from './emitter';
import { ElementType } from './onnx';

/** One graph of the model being written: the names of its values, and the graph around it, whose values it sees. */
export interface Scope {
  readonly emitter: Emitter;
  readonly names: Map<Node, string>;
  readonly parent?: Scope;
  /** An alternative of an `ifElse`: what only it needs is not moved out, or it would be computed in any case. */
  readonly lazy?: boolean;
  /** The innermost graph around this one that it takes a value from. */
  needs?: Scope;
}

export const nested = (parent: Scope, lazy = false): Scope => ({
  emitter: parent.emitter.child(),
  names: new Map(),
  parent,
  lazy,
});

/** The graph that a node has been written to, as seen from `scope`. */
export const scopeOf = (node: Node, scope: Scope | undefined): Scope | undefined =>
  !scope || scope.names.has(node) ? scope : scopeOf(node, scope.parent);

/** The graph out of which nothing may move. */
export const outermost = (scope: Scope): Scope => (scope.parent && !scope.lazy ? outermost(scope.parent) : scope);
const depth = (scope: Scope | undefined): number => (scope ? 1 + depth(scope.parent) : 0);
export const deeper = (a: Scope | undefined, b: Scope | undefined): Scope | undefined => (depth(a) >= depth(b) ? a : b);

/** How a node is called in a graph; the graphs between are told that they need what lies around them. */
export function nameOf(node: Node, scope: Scope): string {
  const home = scopeOf(node, scope);
  const name = home?.names.get(node);
  if (!home || name === undefined) {
    throw new Error(
      is(node, 'state')
        ? `${describe(node)} is used outside of its loop`
        : `${describe(node)} is used, but is neither an input nor shared nor a sequence`,
    );
  }
  for (let inner = scope; inner !== home && inner.parent; inner = inner.parent)
    inner.needs = deeper(inner.needs, home) ?? home;
  return name;
}

/** Writes one node to a graph. @param operands what it is computed from there */
export function emit(
  scope: Scope,
  node: Node,
  operands = (operand: Node, _: number): string => nameOf(operand, scope),
): string {
  if (is(node, 'constant')) return scope.emitter.values(node.attributes.value.data, node.attributes.value.shape);
  if (isLeaf(node)) return nameOf(node, scope);
  return declarationOf(node).lower(scope.emitter, node.operands.map(operands), node, node.attributes as never);
}

export const elementType = (node: Node, { emitter }: Scope): ElementType =>
  node.dtype === 'bool' ? ElementType.bool : emitter.model.floatType;
