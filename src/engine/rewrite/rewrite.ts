import { broadcastTo } from '../functions';
import { describe, isLeaf, make, topological, type Node } from '../graph';
import type { OperatorName } from '../ops/attributes';
import { alike, formatShape } from '../shape';

/** A local rewrite: what a node may be replaced by, or undefined where the rule does not apply. */
export interface Rule {
  readonly name: string;
  apply(node: Node): Node | undefined;
}

/** One application of a rule, for `explain()`. */
export interface Rewriting {
  readonly rule: string;
  readonly before: string;
  readonly after: string;
}

/** More rounds than any terminating set of rules needs; reaching it means that two rules undo each other. */
const roundLimit = 30;

/**
 * Applies rules to all nodes under `roots`, operands first, until none applies. A rule may answer with something that
 * broadcasts to the node's shape; any other shape is a defect of the rule.
 */
export function rewrite(roots: readonly Node[], rules: readonly Rule[], log: Rewriting[] = []): Node[] {
  let current = [...roots];
  for (let round = 0; round < roundLimit; round++) {
    const next = rewriteOnce(current, rules, log);
    if (next.every((node, i) => node === current[i])) return next;
    current = next;
  }
  throw new Error(`rewriting did not settle; the last rule was ${log.at(-1)?.rule ?? 'none'}`);
}

/** One walk over all nodes, for rules whose result contains what they match. */
export function rewriteOnce(roots: readonly Node[], rules: readonly Rule[], log: Rewriting[]): Node[] {
  const replaced = new Map<Node, Node>();
  for (const node of topological(roots)) {
    const operands = node.operands.map((operand) => replaced.get(operand) ?? operand);
    replaced.set(node, simplify(withOperands(node, operands), rules, log));
  }
  return roots.map((root) => replaced.get(root) ?? root);
}

/** The same operation on other operands of the same types. */
export function withOperands(node: Node, operands: readonly Node[]): Node {
  if (isLeaf(node) || operands.every((operand, i) => operand === node.operands[i])) return node;
  return make(node.op as OperatorName, operands, node.attributes as never);
}

function simplify(node: Node, rules: readonly Rule[], log: Rewriting[]): Node {
  for (const rule of rules) {
    const answer = rule.apply(node);
    if (!answer || answer === node) continue;
    const result = alike(answer.shape, node.shape) ? answer : broadcastTo(answer, node.shape);
    if (result.dtype !== node.dtype) {
      throw new Error(`${rule.name} turned ${describe(node)} ${formatShape(node.shape)} into ${describe(result)}`);
    }
    log.push({ rule: rule.name, before: describe(node), after: describe(result) });
    return result;
  }
  return node;
}

/** Names a rule about one operation. */
export const rule = (name: string, apply: (node: Node) => Node | undefined): Rule => ({ name, apply });
