import type { NamedSolverOptions } from '../../model/solvers';

/** Whether a solver never raises the objective, and takes the steps that it finds and not those of a schedule. */
export const isMonotone = (solver: NamedSolverOptions): boolean =>
  solver.id === 'ngd' ? solver.schedule === 'adaptive' : solver.id !== 'adam' && solver.id !== 'momentum';
