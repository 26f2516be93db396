import type { Node } from '../graph';
import type { OperatorName } from './attributes';
import type { AnyDeclaration, OperatorRecord } from './declaration';
import { elementwise } from './elementwise';
import { form } from './form';
import { linearAlgebra } from './linear-algebra';
import { reductions } from './reductions';

/** Every operator's declaration, by name: the one place that knows them all. */
export const operators: OperatorRecord<OperatorName> = { ...elementwise, ...reductions, ...linearAlgebra, ...form };

/** The declaration of a node's operator. @throws for a leaf, which has none. */
export function declarationOf(node: Node): AnyDeclaration {
  const declaration = (operators as Record<string, AnyDeclaration>)[node.op];
  if (!declaration) throw new Error(`${node.op} is a leaf and has no declaration`);
  return declaration;
}
