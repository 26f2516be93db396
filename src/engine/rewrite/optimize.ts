import type { Node } from '../graph';
import { algebra } from './algebra';
import { changingNodes, inferSizes, programCost } from './cost';
import { distribution, gramDistance, productOrder } from './gram';
import { rewrite, rewriteOnce, type Rewriting } from './rewrite';
import { stabilization } from './stabilize';
import { specialization } from './specialize';

export interface Optimized {
  readonly roots: readonly Node[];
  readonly log: readonly Rewriting[];
}

/**
 * Rewrites a program's roots (outputs and next values) in ordered passes: algebra and stability, then the cheaper of its Gram form
 * and its form with residuals, then what the runtime has special operations for. `updated` are the leaves that
 * change from step to step.
 */
export function optimize(roots: readonly Node[], updated: ReadonlySet<Node>): Optimized {
  const log: Rewriting[] = [];
  const sizes = inferSizes(roots);
  const rules = [...algebra, ...stabilization, productOrder(sizes)];
  const plain = rewrite(roots, rules, log);
  const changing = (program: readonly Node[]): Set<Node> => changingNodes(program, updated);
  const cost = (program: readonly Node[]): number => programCost(program, changing(program), sizes);

  const gramLog: Rewriting[] = [];
  const distributed = rewrite(plain, rules, gramLog, [distribution(plain)]);
  const gram = rewriteOnce(distributed, [gramDistance(distributed, changing(distributed))], gramLog);
  const better = gramLog.length > 0 && cost(gram) < cost(plain);
  if (better) log.push(...gramLog);
  const chosen = better ? gram : plain;
  return { roots: rewrite(chosen, specialization(chosen, sizes), log), log };
}
