import type { Model } from '../../model/model';
import { compile, grad, hvp, matrix } from '../../engine';
import { smoothObjective } from '../objective/objective';
import type { Observations } from '../observations';
import { dataOf, declareVariables, inputsOf } from '../solvers/program';
import type { Factors } from '../factors';
import { squareSum } from '../linear-algebra/vectors';

/** A direction in which both factors move at once, or the factors themselves, in float64. */
export interface Direction {
  /** rows×rank, row-major. */
  W: Float64Array;
  /** rank×columns, row-major. */
  H: Float64Array;
}

/** Which entries may move: 1 for those, 0 for those that a constraint holds; absent where all may. */
export interface Free {
  W: Float64Array | undefined;
  H: Float64Array | undefined;
}

/** 1 where an entry may move both ways, 0 where non-negativity holds it at zero; absent where all may move. */
export function freeEntries(factor: Float64Array, { constraints }: Model, name: 'W' | 'H'): Float64Array | undefined {
  return constraints[name].kind === 'none' ? undefined : factor.map((value) => (value > 0 ? 1 : 0));
}

/** The search's vectors have no place for entries that may not move: under non-negativity that is half of them or more. */
export function packing(
  free: Free,
  size: number,
  ofW: number,
): Record<'pack' | 'unpack', (vector: Float64Array) => Float64Array> {
  const held = (place: number): boolean => (place < ofW ? free.W?.[place] : free.H?.[place - ofW]) === 0;
  const all = new Uint32Array(size);
  let count = 0;
  for (let place = 0; place < size; place++) if (!held(place)) all[count++] = place;
  const places = all.subarray(0, count);
  if (places.length === size) return { pack: (vector) => vector, unpack: (vector) => vector };
  return {
    pack: (vector) => {
      const packed = new Float64Array(places.length);
      for (let at = 0; at < packed.length; at++) packed[at] = vector[places[at]!]!;
      return packed;
    },
    unpack: (packed) => {
      const vector = new Float64Array(size);
      for (let at = 0; at < packed.length; at++) vector[places[at]!] = packed[at]!;
      return vector;
    },
  };
}

export function restrict(direction: Direction, free: Free): void {
  for (const name of ['W', 'H'] as const) {
    const allowed = free[name];
    const values = direction[name];
    if (!allowed) continue;
    for (let at = 0; at < values.length; at++) values[at] = values[at]! * allowed[at]!;
  }
}

/** Two views of one vector: the part of W, then the part of H. */
export const split = (vector: Float64Array, at: number): Direction => ({
  W: vector.subarray(0, at),
  H: vector.subarray(at),
});

/** Σ_F ‖F‖·‖G_F‖ over what may move. */
export function stationarityOf(gradient: Direction, at: Direction, free: Free): number {
  const part = (name: 'W' | 'H'): number => {
    const allowed = free[name];
    let squares = 0;
    gradient[name].forEach((value, place) => {
      // A gradient that pushes an entry against its bound is no slope; one that would lift it off is.
      const felt = allowed?.[place] === 0 ? Math.min(0, value) : value;
      squares += felt * felt;
    });
    return Math.sqrt(squares * squareSum(at[name]));
  };
  return part('W') + part('H');
}

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
