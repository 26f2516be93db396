import type { Node } from '../graph';
import { alike, formatShape, merge } from '../shape';
import type { LoopAttributes, OperatorName } from './attributes';
import type { AnyDeclaration, OperatorRecord, Type } from './declaration';
import { elementwise } from './elementwise';
import { form } from './form';
import { linearAlgebra } from './linear-algebra';
import { reductions } from './reductions';

/** Every operator's declaration, by name: the one place that knows them all. */
export const operators: OperatorRecord = { ...elementwise, ...reductions, ...linearAlgebra, ...form };

/** The declaration of a node's operator. @throws for a leaf or a loop, which have none. */
export function declarationOf(node: Node): AnyDeclaration {
  const declaration = (operators as Record<string, AnyDeclaration>)[node.op];
  if (!declaration) throw new Error(`${node.op} is no operator and has no declaration`);
  return declaration;
}

/** The type of an operation's or a loop's result, or why the operands do not fit. */
export function inferType(op: OperatorName | 'iterate', operands: readonly Type[], attributes: unknown): Type | string {
  return op === 'iterate'
    ? loopType(operands, attributes as LoopAttributes['iterate'])
    : (operators[op] as AnyDeclaration).infer(operands, attributes as never);
}

function loopType(operands: readonly Type[], { states, index }: LoopAttributes['iterate']): Type | string {
  for (const i of states.keys()) {
    const [initial, next] = [operands[i], operands[states.length + i]];
    if (!initial || !next) return 'each state needs an initial value and a next one';
    if (initial.dtype !== next.dtype || !alike(initial.shape, next.shape)) {
      return `state ${i} begins as ${initial.dtype} ${formatShape(initial.shape)} and becomes ${next.dtype} ${formatShape(next.shape)}`;
    }
  }
  const [initial, next] = [operands[index], operands[states.length + index]];
  if (!initial || !next) return `there is no state ${index}`;
  return { shape: initial.shape.map((dim, axis) => merge(dim, next.shape[axis] ?? dim)), dtype: initial.dtype };
}
