import { is, operation, topological, type Node, type Type, inferType, type OperatorName } from './graph';
import { bindSizes, resolveSizes } from './interpreter';
import { ShapeError } from './shape';

/**
 * Infers all types again with the sizes of a run's values, so that a misfit is told in the graph's words.
 * @param place where a node stands, for the message
 * @throws ShapeError naming the operation, its operands and their shapes, and its place
 */
export function inferTypes(
  roots: Iterable<Node>,
  shapes: ReadonlyMap<Node, readonly number[]>,
  place: (node: Node) => string,
): ReadonlyMap<Node, Type> {
  const sizes = bindSizes(shapes, place);
  const types = new Map<Node, Type>();
  const order = topological([...roots]);
  const loops = order.filter((node) => is(node, 'iterate'));
  const initials = new Map(
    loops.flatMap(({ attributes, operands }) => attributes.states.map((s, i) => [s, operands[i]])),
  );
  for (const node of order) {
    if (node.operands.length === 0) {
      const initial = initials.get(node as Node<'state'>);
      const shape = shapes.get(node) ?? (initial && types.get(initial)?.shape) ?? node.shape;
      types.set(node, { shape, dtype: node.dtype });
      continue;
    }
    const operands = node.operands.map((operand) => types.get(operand) ?? operand);
    const type = inferType(node.op as OperatorName, operands, resolveSizes(node.attributes, sizes));
    if (typeof type === 'string') {
      const given = operands.map(({ shape }) => shape);
      throw new ShapeError(`${operation(node.op, node.operands, given)}: ${type}${place(node)}`);
    }
    types.set(node, type);
  }
  return types;
}
