import { truncatedSvd } from '../linear-algebra/svd';
import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import { namedSolvers, type SingularOptions } from '../../model/solvers';
import { orderedComponents } from '../linear-algebra/orthogonal';
import type { Observations } from '../observations';
import { fitStatistics } from '../objective/statistics';
import type { SolverDeclaration, CompiledSolver, SolverState } from './solver';

export const singular: SolverDeclaration<SingularOptions> = {
  id: 'svd',
  refuses({ loss, penalties, constraints }) {
    if (loss.kind !== 'squared') return `it knows the squared loss alone, not the ${loss.kind} loss`;
    const { W, H } = penalties;
    if ([W, H].some((penalty) => Object.values(penalty).some((weight: number) => weight > 0)))
      return 'it knows no penalties';
    if (constraints.W.kind !== 'none' || constraints.H.kind !== 'none') return 'it knows no constraints';
    return undefined;
  },
  onPartialData: {
    solver: namedSolvers.als,
    reason:
      'Some entries are missing or weighted, of which a singular value decomposition knows nothing, so the observed ones are fitted by alternating least squares; the components are made orthogonal afterwards.',
  },
  monotone: () => true,
  direct: true,
  // It makes its factors once.
  memory: { copiesOfFactors: () => 4 },
  steps: 'own',
  build: (model, _, observations, rank, device) => singularSolver(model, observations, rank, device),
  oneAtATime: 'The decomposition needs no second run.',
};

/**
 * W = U·Σ and H = Vᵀ of X ≈ U·Σ·Vᵀ, the minimum itself (Eckart & Young 1936), in the first step. It computes on
 * the processor.
 */
function singularSolver(model: Model, observations: Observations, rank: number, device: DeviceChoice): CompiledSolver {
  let state: SolverState = { W: new Float32Array(), H: new Float32Array() };
  let objective = 0;
  let solution: { state: SolverState; objective: number } | undefined;
  const objectiveOf = (at: SolverState): number => fitStatistics(observations, at, rank, model).objective;

  return {
    device: {
      requested: device,
      used: 'cpu',
      reason: 'The decomposition runs on the processor.',
    },
    begin(from) {
      state = from;
      const zero = state.W.every((value) => value === 0);
      objective =
        state === solution?.state ? solution.objective : zero ? observations.sumOfSquares : objectiveOf(state);
    },
    async advance(count) {
      const before = objective;
      const atSolution = state === solution?.state;
      if (!solution) {
        const { rows, columns, X } = observations;
        const { values, left, right } = await truncatedSvd({ rows, columns, X }, rank);
        const found = orderedComponents(values, left, right, rank);
        // To the digits that a trace needs; the final objective is taken from the residual, as any.
        const explained = values.reduce((sum, value) => sum + value * value, 0);
        solution = { state: found, objective: Math.max(0, observations.sumOfSquares - explained) };
      }
      ({ state, objective } = solution);
      const reached = solution.objective;
      return {
        objective: Float64Array.from({ length: count }, (_, k) => (k === 0 ? before : reached)),
        stationarity: Float64Array.from({ length: count }, (_, k) => (k === 0 && !atSolution ? Infinity : 0)),
        rate: 1,
      };
    },
    state: () => Promise.resolve(state),
    dispose: () => Promise.resolve(),
  };
}
