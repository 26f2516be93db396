import { broadcastTo } from '../functions';
import { describe, rebuilt, topological, withOperands, type Node, type OperatorName } from '../graph';
import { alike, formatShape } from '../shape';

/** A local rewrite: what a node of some operations may be replaced by, or undefined where the rule does not apply. */
export interface Rule {
  readonly name: string;
  /** The operations that it is asked about. */
  readonly operations: readonly OperatorName[];
  /** Whether it may apply to a node, as far as the operations tell that its operands are. */
  mayApply?(node: Node): boolean;
  apply(node: Node): Node | undefined;
}

/** One application of a rule, for `explain()`. */
export interface Rewriting {
  readonly rule: string;
  readonly before: Node;
  readonly after: Node;
}

/** More applications a node than any terminating set of rules needs; reaching it means that two rules undo each other. */
const limit = 50;

/**
 * Applies rules to all nodes under `roots`, operands first, until none applies: once a node, however often it is used,
 * so that the work grows with the graph and no faster. A rule may answer with something that broadcasts to the node's
 * shape; any other shape is a defect of the rule. Where `roots` are what some rules came to before, `added` are the rules
 * that are new: what was there is asked about those alone.
 */
export function rewrite(
  roots: readonly Node[],
  rules: readonly Rule[],
  log: Rewriting[] = [],
  added?: readonly Rule[],
): Node[] {
  const applicable = byOperation(added ? [...added, ...rules] : rules);
  const addedAlone = byOperation(added ?? []);
  const settledBefore = new Set(added ? topological(roots) : []);
  const most = log.length + limit * (topological(roots).length + 1);
  /** What nodes come to in the end, and what a rule made of them on the way there. */
  const settled = new Map<Node, Node>();
  const rewritten = new Map<Node, Node>();
  const rewriteOne = (node: Node): Node => {
    const moved = withOperands(
      node,
      node.operands.map((operand) => settled.get(operand) ?? operand),
    );
    return simplify(moved, settledBefore.has(moved) ? addedAlone : applicable, log);
  };
  const stack = roots.toReversed();
  for (let node = stack.at(-1); node; node = stack.at(-1)) {
    const waiting = settled.has(node) ? [] : node.operands.filter((operand) => !settled.has(operand));
    if (waiting.length > 0) {
      stack.push(...waiting.reverse());
      continue;
    }
    const answer = rewritten.get(node) ?? rewriteOne(node);
    if (log.length > most) throw new Error(`rewriting did not settle; the last rule was ${log.at(-1)?.rule ?? 'none'}`);
    const end = answer === node ? node : settled.get(answer);
    if (end) settled.set(node, end);
    rewritten.set(node, answer);
    if (settled.has(node)) stack.pop();
    else stack.push(answer);
  }
  return roots.map((root) => settled.get(root) ?? root);
}

/** One walk over all nodes, for rules whose result contains what they match. */
export function rewriteOnce(roots: readonly Node[], rules: readonly Rule[], log: Rewriting[]): Node[] {
  const applicable = byOperation(rules);
  return rebuilt(roots, (_, moved) => simplify(moved, applicable, log));
}

/** Applies rules to one node, whose operands have settled, until none applies. */
export function simplifier(rules: readonly Rule[], log: Rewriting[]): (node: Node) => Node {
  const applicable = byOperation(rules);
  return (node) => {
    for (let before = node; ;) {
      const after = simplify(before, applicable, log);
      if (after === before) return after;
      before = after;
    }
  };
}

function simplify(node: Node, rules: RulesByOperation, log: Rewriting[]): Node {
  for (const rule of rules.get(node.op) ?? []) {
    if (rule.mayApply?.(node) === false) continue;
    const answer = rule.apply(node);
    if (!answer || answer === node) continue;
    const result = alike(answer.shape, node.shape) ? answer : broadcastTo(answer, node.shape);
    if (result.dtype !== node.dtype) {
      throw new Error(`${rule.name} turned ${describe(node)} ${formatShape(node.shape)} into ${describe(result)}`);
    }
    log.push(applied(rule, node, result));
    return result;
  }
  return node;
}

/** An entry of the log. Rules put their names together when they are asked for them, which few logs ever do. */
const applied = (rule: Rule, before: Node, after: Node): Rewriting => ({
  get rule() {
    return rule.name;
  },
  before,
  after,
});

/** Names a rule about an operation, or one of several; it is given the node's operands, as many as there are. */
export const rule = <O extends OperatorName>(
  name: string,
  operations: O | readonly O[],
  apply: (node: Node<O>, a: Node, b: Node, c: Node) => Node | undefined,
): Rule => ({
  name,
  operations: typeof operations === 'string' ? [operations] : operations,
  apply: (node: Node<O>) => apply(node, node.operands[0]!, node.operands[1]!, node.operands[2]!),
});

type RulesByOperation = ReadonlyMap<string, readonly Rule[]>;

function byOperation(rules: readonly Rule[]): RulesByOperation {
  const found = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const operation of rule.operations) {
      const known = found.get(operation);
      if (known) known.push(rule);
      else found.set(operation, [rule]);
    }
  }
  return found;
}
