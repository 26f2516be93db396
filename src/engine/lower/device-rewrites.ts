import { broadcastTo, pow } from '../functions';
import { is, topological } from '../graph';
import { rewrite, rule, type Rule } from '../rewrite/rewrite';
import { alike } from '../shape';
import { mapRoots, type StepProgram } from '../step-program';

/**
 * Squared distances by Gram matrices are summed in float64 lest they cancel. A device that has none takes the sum over
 * the residual, which does not cancel, at every step.
 */
export const residualDistance: Rule = rule('squared distance from the residual', 'ifElse', (node) => {
  const [, distance, residual] = node.operands;
  const needsFloat64 = distance && topological([distance]).some((inner) => is(inner, 'gramDistance'));
  return needsFloat64 ? residual : undefined;
});

/** The WebGPU provider (1.30) fails on powers whose operands broadcast along the last axis. */
export const powerOfAlike: Rule = rule('power of operands of one shape', 'pow', (node) => {
  const [a, b] = node.operands;
  if (!a || !b || a.rank === 0 || b.rank === 0 || alike(a.shape, b.shape)) return undefined;
  return pow(broadcastTo(a, node.shape), broadcastTo(b, node.shape));
});

/** A program rewritten for what its device can do. */
export function rewriteForDevice(program: StepProgram, rules: readonly Rule[]): StepProgram {
  if (rules.length === 0) return program;
  return mapRoots(program, (roots) => rewrite(roots, rules));
}
