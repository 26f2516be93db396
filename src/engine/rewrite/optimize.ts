import { is, topological, type Node } from '../graph';
import { unroll } from '../loops';
import { algebra, arithmetic } from './algebra';
import { loopInvariants } from './loop-invariants';
import { changingNodes, inferSizes, programCost } from './cost';
import type { Sizes } from '../shape';
import { distribution, gramDistance, productOrder } from './gram';
import { rewrite, rewriteOnce, simplifier, type Rewriting, type Rule } from './rewrite';
import { stabilization } from './stabilize';
import { specialization } from './specialize';
import { fuseGemm } from './fuse-gemm';
import { hasConstantState } from './constant-states';

export interface Optimized {
  readonly roots: readonly Node[];
  readonly log: readonly Rewriting[];
}

/**
 * Rewrites a program's roots (outputs and next values) in ordered passes: algebra and stability, then the cheaper of its Gram form
 * and its form with residuals, loops, then what the runtime has special operations for. `updated` are the leaves that
 * change from step to step. At `precision` float64 nothing may pass through a float32.
 */
export function optimize(
  roots: readonly Node[],
  updated: ReadonlySet<Node>,
  precision: 'float32' | 'float64' = 'float64',
): Optimized {
  const log: Rewriting[] = [];
  const sizes = inferSizes(roots);
  // What overflows is recognised as it was written, before factors are moved.
  const rules = [...stabilization, ...algebra, productOrder(sizes)];
  const plain = rewrite(roots, rules, log);
  const changing = (program: readonly Node[]): Set<Node> => changingNodes(program, updated);
  const cost = (program: readonly Node[]): number => programCost(program, changing(program), sizes);

  const gramLog: Rewriting[] = [];
  const distributed = rewrite(plain, rules, gramLog, [distribution(plain)]);
  const gram = rewriteOnce(distributed, [gramDistance(distributed, changing(distributed))], gramLog);
  const better = gramLog.length > 0 && cost(gram) < cost(plain);
  if (better) log.push(...gramLog);
  const chosen = better ? gram : plain;

  const settled = topological(chosen).some((node) => is(node, 'iterate'))
    ? optimizeLoops(chosen, rules, sizes, cost, log)
    : chosen;
  const specialized = rewrite(settled, specialization(settled, sizes, precision), log);
  return { roots: fuseGemm(specialized, changing(specialized), sizes, precision, log), log };
}

/** Takes out of loops what they need not do at each turn. */
function optimizeLoops(
  roots: readonly Node[],
  rules: readonly Rule[],
  sizes: Sizes,
  cost: (program: readonly Node[]) => number,
  log: Rewriting[],
): readonly Node[] {
  const invariantsLog: Rewriting[] = [];
  const collected = rewrite(roots, rules, invariantsLog, [loopInvariants(roots, sizes)]);
  const cheaper = invariantsLog.length > 0 && cost(collected) < cost(roots);
  if (cheaper) log.push(...invariantsLog);
  return unroll(cheaper ? collected : roots, hasConstantState, simplifier(arithmetic, log));
}
