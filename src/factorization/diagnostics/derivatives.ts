import { compile, grad, hvp, matrix } from '../../engine';
import type { Direction } from './symmetries';
import type { Model } from '../../model/model';
import { smoothObjective } from '../objective/objective';
import type { Observations } from '../observations';
import { dataOf, declareVariables, inputsOf } from '../solvers/program';
import type { Factors } from '../factors';

/** The smooth objective at the factors, its gradient there, and products of its Hessian with directions. */
export interface Derivatives {
  objective: number;
  gradient: Direction;
  times(direction: Direction): Promise<Float64Array>;
  dispose(): Promise<void>;
}

export async function compileDerivatives(
  model: Model,
  observations: Observations,
  rank: number,
  factors: Factors,
): Promise<Derivatives> {
  const { rows, columns } = observations;
  const variables = declareVariables(observations, rank, model);
  const { W, H } = variables;
  const cost = smoothObjective(model, variables);
  const [gradientW, gradientH] = grad(cost, [W, H]);
  const P = matrix('P', { shape: [rows, rank] });
  const Q = matrix('Q', { shape: [rank, columns] });
  const [alongW, alongH] = hvp(cost, [W, H], [P, Q]);
  const { inputs, values: data } = inputsOf(dataOf(observations, variables));
  const inFloat64 = { device: 'cpu', precision: 'float64' } as const;
  const program = await compile<string, never, 'cost' | 'W' | 'H' | 'alongW' | 'alongH'>({
    inputs: { ...inputs, P, Q },
    outputs: { cost, W: gradientW, H: gradientH, alongW, alongH },
    ...inFloat64,
  });
  program.set(W, { data: factors.W, shape: [rows, rank] });
  program.set(H, { data: factors.H, shape: [rank, columns] });
  const run = (direction: Direction) =>
    program.run({
      ...data,
      P: { data: direction.W, shape: [rows, rank] },
      Q: { data: direction.H, shape: [rank, columns] },
    });
  const here = await run({ W: new Float64Array(rows * rank), H: new Float64Array(rank * columns) });
  return {
    objective: here.cost[0]!,
    gradient: { W: Float64Array.from(here.W), H: Float64Array.from(here.H) },
    async times(direction) {
      const image = await run(direction);
      const joined = new Float64Array((rows + columns) * rank);
      joined.set(image.alongW);
      joined.set(image.alongH, rows * rank);
      return joined;
    },
    dispose: () => program.dispose(),
  };
}
