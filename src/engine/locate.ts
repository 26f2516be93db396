import type { Node } from './graph';
import { changingStates, type StepProgram } from './step-program';
import { describe } from './graph';

/** What a program computes, each under what a message calls it. */
export function namedResults(program: StepProgram): ReadonlyMap<string, Node> {
  return new Map([
    ...Array.from(program.outputs, ([name, node]) => [`the output ${name.replace(/^output_/, '')}`, node] as const),
    ...changingStates(program).map(([, { node, next }]) => [`the update of ${describe(node)}`, next] as const),
  ]);
}

/** Operations at either end of a long way that are told. */
const told = 3;

/**
 * Where an operation stands in the expressions that were written: `, in the output cost: sum › square › sub`, the shortest
 * way from a result to it. Empty where no result needs it.
 */
export function locate(node: Node, results: ReadonlyMap<string, Node>): string {
  const user = new Map<Node, Node | undefined>();
  const names = new Map<Node, string>();
  for (const [name, root] of results) {
    if (!names.has(root)) names.set(root, name);
    user.set(root, undefined);
  }
  // A set is walked through in the order in which it grows: breadth first.
  const met = new Set(results.values());
  for (const one of met) {
    for (const operand of one.operands) {
      if (!met.has(operand)) user.set(operand, one);
      met.add(operand);
    }
  }
  if (!met.has(node)) return '';
  const way: Node[] = [];
  for (let at: Node | undefined = node; at; at = user.get(at)) way.unshift(at);
  const operations = way.map((one) => (one.operands.length > 0 ? one.op : describe(one)));
  const short = way.length <= 2 * told ? operations : [...operations.slice(0, told), '…', ...operations.slice(-told)];
  return `, in ${names.get(way[0] ?? node) ?? ''}: ${short.join(' › ')}`;
}
