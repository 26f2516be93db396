import { topological } from './graph';
import { changingNodes, inferSizes, programCost } from './rewrite/cost';
import type { Sizes } from './shape';
import { leavesOf, rootsOf, type StepProgram } from './step-program';

/** About how many seconds a step takes on the processor. */
export function secondsOfStep(program: StepProgram): number {
  const roots = rootsOf(program);
  return programCost(roots, changingNodes(roots, leavesOf(program)), inferSizes(roots));
}

/** The kinds of operations of a program. */
export const operationsOf = (program: StepProgram): string =>
  [...new Set(topological(rootsOf(program)).map(({ op }) => op))].sort().join(' ');

/** The named sizes of a program that its own operations tell. */
export const knownSizes = (program: StepProgram): Sizes => inferSizes(rootsOf(program));
