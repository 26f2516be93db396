import { register, type Inference, type Node, type OperatorName } from '../graph';
import type { AnyDeclaration, OperatorRecord } from './declaration';
import { elementwise } from './elementwise';
import { layout } from './layout';
import { linearAlgebra } from './linear-algebra';
import { reductions } from './reductions';

/** Every operator's declaration, by name: the one place that knows them all. */
export const operators: OperatorRecord = { ...elementwise, ...reductions, ...linearAlgebra, ...layout };

for (const name of Object.keys(operators) as OperatorName[]) register(name, operators[name].infer as Inference);

/** The declaration of a node's operator. @throws for a leaf or a loop, which have none. */
export function declarationOf(node: Node): AnyDeclaration {
  const declaration = (operators as unknown as Record<string, AnyDeclaration>)[node.op];
  if (!declaration) throw new Error(`${node.op} is no operator and has no declaration`);
  return declaration;
}
