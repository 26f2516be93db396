import { describe, is, topological, type Node } from './graph';
import { bindSizes, resolveSizes } from './interpreter';
import type { Type } from './ops/declaration';
import { inferType } from './ops/operators';
import type { OperatorName } from './ops/attributes';
import { formatShape, ShapeError } from './shape';

/**
 * Infers all shapes again with the sizes of a run's values, so that a misfit is told in the graph's words.
 * @throws ShapeError naming the operation, its operands and their shapes
 */
export function checkShapes(roots: readonly Node[], shapes: ReadonlyMap<Node, readonly number[]>): void {
  const sizes = bindSizes(shapes);
  const types = new Map<Node, Type>();
  const order = topological(roots);
  const loops = order.filter((node) => is(node, 'iterate'));
  const initials = new Map(
    loops.flatMap(({ attributes, operands }) => attributes.states.map((s, i) => [s, operands[i]])),
  );
  for (const node of order) {
    if (node.operands.length === 0) {
      const initial = initials.get(node as Node<'state'>);
      types.set(node, {
        shape: shapes.get(node) ?? (initial && types.get(initial)?.shape) ?? node.shape,
        dtype: node.dtype,
      });
      continue;
    }
    const operands = node.operands.map((operand) => types.get(operand) ?? operand);
    const type = inferType(node.op as OperatorName, operands, resolveSizes(node.attributes, sizes));
    if (typeof type === 'string') {
      const named = node.operands.map((operand, i) => `${describe(operand)} ${formatShape(operands[i]?.shape ?? [])}`);
      throw new ShapeError(`${node.op}(${named.join(', ')}): ${type}`);
    }
    types.set(node, type);
  }
}
