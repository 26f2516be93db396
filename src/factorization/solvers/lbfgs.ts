import { compile, grad, type Tensor } from '../../engine';
import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import type { LbfgsOptions } from '../../model/solvers';
import { fullObjective } from '../objective/objective';
import type { Observations } from '../observations';
import { hasKink } from '../objective/constraints';
import type { SolverDeclaration, CompiledSolver, SolverState } from './solver';
import { dataOf, declareVariables, inputsOf } from './program';
import { wolfeSearch, type LinePoint } from './wolfe';

/** A point, W's entries and then H's, with the objective and its gradient there. */
interface Evaluated extends LinePoint {
  point: Float32Array;
  gradient: Float64Array;
}

export const lbfgs: SolverDeclaration<LbfgsOptions> = {
  id: 'lbfgs',
  refuses({ loss, penalties, constraints }) {
    if (loss.kind === 'absolute') return 'the absolute loss has kinks';
    if (hasKink(penalties.W, constraints.W) || hasKink(penalties.H, constraints.H)) {
      return 'it needs a model without constraints and without L1 or group penalties';
    }
    return undefined;
  },
  monotone: () => true,
  memory: {
    // It remembers so many steps and the changes of the gradient beside.
    copiesOfFactors: ({ memory }, defaultCopies) => defaultCopies + 2 * memory,
    // In float64. (Measured: 2.6 with Huber's and the squared loss, 4.3 where entries are missing; what its steps make takes
    // no more than it does elsewhere.)
    copiesOfData: 2,
  },
  steps: 'own',
  build: lbfgsSolver,
  oneAtATime: 'L-BFGS searches along each run’s own line, so restarts are made one after another.',
};

/**
 * L-BFGS (Nocedal 1980) on W and H at once: the step is the gradient times an inverse Hessian that the last `memory` steps
 * tell of, its length one that meets the strong Wolfe conditions. The engine computes the objective and its gradient in
 * float64, since near a minimum float32 could not tell a decrease from rounding; the points themselves are float32, as the
 * result is, so that a run is the same however it is cut.
 */
async function lbfgsSolver(
  model: Model,
  { memory }: LbfgsOptions,
  observations: Observations,
  rank: number,
  device: DeviceChoice,
): Promise<CompiledSolver> {
  const { rows, columns } = observations;
  const variables = declareVariables(observations, rank, model);
  const { inputs, values } = inputsOf(dataOf(observations, variables));
  const { W, H } = variables;
  const cost = fullObjective(model, variables);
  const [gradientW, gradientH] = grad(cost, [W, H] as const);
  const compiled = await compile<string, never, 'cost' | 'gradientW' | 'gradientH'>({
    inputs,
    outputs: { cost, gradientW, gradientH },
    updates: [],
    device: 'cpu',
    precision: 'float64',
  });
  const data: Record<string, Tensor> = Object.fromEntries(
    Object.entries(values).map(([name, { data, shape }]) => [name, { data: Float64Array.from(data), shape }]),
  );
  const size = rows * rank;
  const total = size + rank * columns;

  const evaluate = async (point: Float32Array): Promise<{ value: number; gradient: Float64Array }> => {
    compiled.set(W, { data: point.subarray(0, size), shape: [rows, rank] });
    compiled.set(H, { data: point.subarray(size), shape: [rank, columns] });
    const result = await compiled.run(data);
    const gradient = new Float64Array(total);
    gradient.set(result.gradientW);
    gradient.set(result.gradientH, size);
    return { value: result.cost[0] ?? NaN, gradient };
  };

  let point: Float32Array = new Float32Array(total);
  let here: { value: number; gradient: Float64Array } | undefined;
  let pairs: Pair[] = [];

  /** Moves to a lower point; the length of the step, 0 where none is lower. */
  const step = async (at: { value: number; gradient: Float64Array }): Promise<number> => {
    for (;;) {
      const direction = quasiNewton(at.gradient, pairs);
      const derivative = dot(direction, at.gradient);
      const found =
        derivative < 0
          ? await wolfeSearch<Evaluated>(
              { at: 0, value: at.value, derivative },
              // A first step, of unknown scale, changes the factors by a hundredth.
              pairs.length > 0 ? 1 : (0.01 * norm(point)) / (norm(direction) || 1),
              async (length) => {
                const moved = point.map((value, k) => value + length * direction[k]!);
                const { value, gradient } = await evaluate(moved);
                return { at: length, value, derivative: dot(direction, gradient), gradient, point: moved };
              },
            )
          : undefined;
      if (found) {
        const change = found.point.map((value, k) => value - point[k]!);
        const bend = Float32Array.from({ length: total }, (_, k) => found.gradient[k]! - at.gradient[k]!);
        // The curvature along the step must be positive, as it is where the Wolfe conditions hold.
        if (dot(change, bend) > 1e-10 * norm(change) * norm(bend)) pairs = [...pairs, { change, bend }].slice(-memory);
        point = found.point;
        here = found;
        return found.at;
      }
      // What the memory says of the curvature misleads, or this is as low as float32 can tell.
      if (pairs.length === 0) return 0;
      pairs = [];
    }
  };

  return {
    device: { requested: device, used: 'cpu', reason: 'L-BFGS computes in float64, which only the processor has.' },
    begin(state) {
      point = new Float32Array(total);
      point.set(state.W);
      point.set(state.H, size);
      pairs = unpacked(state.memory, total);
      here = undefined;
    },
    async advance(count) {
      const objective = new Float64Array(count);
      const stationarity = new Float64Array(count);
      let rate = 0;
      for (let k = 0; k < count; k++) {
        here ??= await evaluate(point);
        objective[k] = here.value;
        const parts = [
          [0, size],
          [size, total],
        ] as const;
        stationarity[k] = parts.reduce(
          (sum, [from, to]) =>
            sum + norm(point.subarray(from, to)) * norm((here as Evaluated).gradient.subarray(from, to)),
          0,
        );
        rate = await step(here);
      }
      return { objective, stationarity, rate };
    },
    state: () =>
      Promise.resolve({
        W: point.slice(0, size),
        H: point.slice(size),
        ...(pairs.length > 0 && { memory: packed(pairs) }),
      }),
    dispose: () => compiled.dispose(),
  };
}

/** A step and how it changed the gradient. */
interface Pair {
  change: Float32Array;
  bend: Float32Array;
}

const packed = (pairs: readonly Pair[]): Record<string, Float32Array> =>
  Object.fromEntries(
    pairs.flatMap(({ change, bend }, k) => [
      [`change ${k}`, change],
      [`bend ${k}`, bend],
    ]),
  );

function unpacked(memory: SolverState['memory'], length: number): Pair[] {
  const pairs: Pair[] = [];
  for (let k = 0; ; k++) {
    const [change, bend] = [memory?.[`change ${k}`], memory?.[`bend ${k}`]];
    if (change?.length !== length || bend?.length !== length) return pairs;
    pairs.push({ change, bend });
  }
}

/** −H·gradient by the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4). */
function quasiNewton(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const shares = pairs.map(() => 0);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { change, bend } = pairs[k]!;
    const share = dot(change, direction) / dot(change, bend);
    shares[k] = share;
    addTo(direction, bend, -share);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = dot(last.change, last.bend) / dot(last.bend, last.bend);
    direction.forEach((value, k) => (direction[k] = value * scale));
  }
  pairs.forEach(({ change, bend }, k) => {
    const share = dot(bend, direction) / dot(change, bend);
    addTo(direction, change, shares[k]! - share);
  });
  return direction;
}

type Vector = Float32Array | Float64Array;

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

const norm = (a: Vector): number => Math.sqrt(dot(a, a));

function addTo(target: Float64Array, a: Vector, share: number): void {
  for (let k = 0; k < a.length; k++) target[k] = target[k]! + share * a[k]!;
}
