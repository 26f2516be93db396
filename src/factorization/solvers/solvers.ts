import type { NamedSolverOptions } from '../../model/solvers';
import { accelerated } from './accelerated';
import { adam } from './adam';
import { alternating } from './alternating';
import type { SolverDeclaration } from './declaration';
import { hals } from './hals';
import { lbfgs } from './lbfgs';
import { momentum } from './momentum';
import { multiplicative } from './multiplicative';
import { normalizedGradient } from './normalized-gradient';
import { reweighted } from './reweighted';
import { singular } from './singular';

export const solvers: {
  readonly [K in NamedSolverOptions['id']]: SolverDeclaration<Extract<NamedSolverOptions, { id: K }>>;
} = {
  apg: accelerated,
  hals,
  mu: multiplicative,
  lbfgs,
  als: alternating,
  irls: reweighted,
  svd: singular,
  ngd: normalizedGradient,
  adam,
  momentum,
};

/** The declaration of a solver, as seen from any solver's options. */
export const solverOf = ({ id }: NamedSolverOptions): SolverDeclaration<NamedSolverOptions> => solvers[id];
