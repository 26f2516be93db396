import { topological, type Node } from '../../engine/graph';
import { optimize } from '../../engine/rewrite/optimize';
import { withOperands } from '../../engine/rewrite/rewrite';

/**
 * Expressions for the body of an inner loop, rewritten by the engine as such: what does not depend on `changing` is
 * counted as computed once for all turns, so that a squared loss's gradient takes its Gram form where turns are cheaper
 * for it. Since a node is the same object wherever it occurs, what the turns have in common is computed once indeed.
 */
export class LoopBody<Name extends string> {
  private readonly roots: ReadonlyMap<Name, Node>;

  constructor(expressions: Readonly<Record<Name, Node>>, changing: readonly Node[]) {
    const names = Object.keys(expressions) as Name[];
    const { roots } = optimize(
      names.map((name) => expressions[name]),
      new Set(changing),
    );
    this.roots = new Map(roots.map((root, k) => [names[k] as Name, root]));
  }

  /** One of the expressions, with other nodes in the place of leaves. */
  at(name: Name, values: ReadonlyMap<Node, Node>): Node {
    const root = this.roots.get(name);
    if (!root) throw new Error(`There is no expression ${name} in this loop.`);
    const replaced = new Map(values);
    for (const node of topological([root])) {
      if (replaced.has(node)) continue;
      const operands = node.operands.map((operand) => replaced.get(operand) ?? operand);
      replaced.set(node, withOperands(node, operands));
    }
    return replaced.get(root) ?? root;
  }
}
