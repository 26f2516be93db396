import { compile } from '../../engine/compile';
import { grad } from '../../engine/gradient';
import { div, lessEqual, maximum, norm, sign, where } from '../../engine/functions';
import { matrix, sequence, shared, type Node, type Operand } from '../../engine/graph';
import type { Tensor } from '../../engine/tensor';
import type { DeviceId } from '../factorization';
import type { FactorPenalty, Model, NormalizedGradientOptions } from '../model';
import { fullObjective, smoothObjective, type ObjectiveVariables } from '../objective';
import type { Observations } from '../observations';
import { scheduledRates } from '../schedule';
import type { CompiledSolver, SolverState } from './solver';

/** What a rejected and an accepted step do to the adaptive rate. */
const shrink = 0.5;
const grow = 1.1;

/** Step length, relative to a factor's norm, at which the proximal gradient mapping is measured. */
const measuringRate = 0.01;

/** Keeps 0/0 from arising at a stationary point, where the gradient is zero and there is nowhere to step. */
const smallestNorm = 1e-30;

/**
 * Normalised gradient descent: F ← F − η·g with η = rate·s/‖g‖, for F = W and F = H at once, where g is the gradient of
 * the smooth part of the objective and s the norm of F (relative step length) or 1 (absolute).
 *
 * An L1 penalty μ enters as its proximal step, soft-thresholding by η·μ, and not through a subgradient, which hovers
 * around zero without reaching it: zeros come out as zeros (Beck & Teboulle 2009, eq. 1.4).
 */
export async function compileNormalizedGradient(
  model: Model,
  options: NormalizedGradientOptions,
  observations: Observations,
  rank: number,
  device: DeviceId | 'auto',
): Promise<CompiledSolver> {
  const { rows, columns } = observations;
  const X = matrix('X', { shape: [rows, columns] });
  const mask = observations.mask && matrix('mask', { shape: [rows, columns] });
  const W = shared({ data: new Float32Array(rows * rank), shape: [rows, rank] }, 'W');
  const H = shared({ data: new Float32Array(rank * columns), shape: [rank, columns] }, 'H');
  const data: { X: Node; mask?: Node } = { X, ...(mask && { mask }) };
  const variables: ObjectiveVariables = { ...data, W, H };
  const cost = fullObjective(model, variables);

  const adaptive = options.schedule === 'adaptive';
  const rateState = shared({ data: Float32Array.of(options.rate), shape: [] }, 'rate');
  const rate: Node = adaptive ? rateState : sequence('rate');

  const [gradientW, gradientH] = grad(smoothObjective(model, variables), [W, H]) as [Node, Node];
  const { W: penaltyW, H: penaltyH } = model.penalties;
  const nextW = moved(W, gradientW, stepSize(W, gradientW, rate, options.stepLength), penaltyW);
  const nextH = moved(H, gradientH, stepSize(H, gradientH, rate, options.stepLength), penaltyH);
  const stationarity = slope(W, gradientW, penaltyW).add(slope(H, gradientH, penaltyH));

  const updates: [Node, Node][] = [];
  if (adaptive) {
    const lower = lessEqual(fullObjective(model, { ...data, W: nextW, H: nextH }), cost);
    updates.push(
      [W, where(lower, nextW, W)],
      [H, where(lower, nextH, H)],
      [rateState, rate.mul(where(lower, grow, shrink))],
    );
  } else {
    updates.push([W, nextW], [H, nextH]);
  }

  const compiled = await compile({
    inputs: data as Record<string, Node>,
    ...(!adaptive && { sequences: { rate } }),
    outputs: { cost, stationarity },
    updates,
    device,
  });

  const inputs: Record<string, Tensor> = {
    X: { data: observations.X, shape: [rows, columns] },
    ...(observations.mask && { mask: { data: observations.mask, shape: [rows, columns] } }),
  };
  const currentRate = async (): Promise<number> => (await compiled.get(rateState)).data[0] as number;
  let done = 0;
  let planned = 1;

  return {
    device: compiled.device,
    begin(state, iterationsDone, iterationsPlanned) {
      done = iterationsDone;
      planned = iterationsPlanned;
      compiled.set(W, { data: state.W, shape: [rows, rank] });
      compiled.set(H, { data: state.H, shape: [rank, columns] });
      if (adaptive) compiled.set(rateState, { data: Float32Array.of(state.rate ?? options.rate), shape: [] });
    },
    async advance(count) {
      const rates = adaptive ? undefined : scheduledRates(options, done, count, planned);
      const { cost, stationarity } = await compiled.run(inputs, {
        steps: count,
        ...(rates && { sequences: { rate: rates } }),
      });
      done += count;
      return { objective: cost, stationarity, rate: rates?.at(-1) ?? (await currentRate()) };
    },
    async state(): Promise<SolverState> {
      return {
        W: Float32Array.from((await compiled.get(W)).data),
        H: Float32Array.from((await compiled.get(H)).data),
        ...(adaptive && { rate: await currentRate() }),
      };
    },
    dispose: () => compiled.dispose(),
  };
}

/** η: the factor by which the gradient is multiplied so that the step has the wanted length. */
function stepSize(factor: Node, gradient: Node, rate: Operand, length: NormalizedGradientOptions['stepLength']): Node {
  const wanted = length === 'relative' ? norm(factor).mul(rate) : rate;
  return div(wanted, maximum(norm(gradient), smallestNorm));
}

function moved(factor: Node, gradient: Node, step: Node, { l1 }: FactorPenalty): Node {
  const smooth = factor.sub(step.mul(gradient));
  return l1 > 0 ? softThreshold(smooth, step.mul(l1)) : smooth;
}

/**
 * ‖F‖·‖G_F‖. Without an L1 penalty G_F is the gradient; with one it is the proximal gradient mapping (F − F⁺)/η, measured
 * at a step of fixed relative length: one as short as the rate may have become would drown in rounding.
 */
function slope(factor: Node, gradient: Node, penalty: FactorPenalty): Node {
  if (penalty.l1 === 0) return norm(factor).mul(norm(gradient));
  const step = stepSize(factor, gradient, measuringRate, 'relative');
  const displacement = norm(factor.sub(moved(factor, gradient, step, penalty)));
  return norm(factor).mul(displacement.div(maximum(step, smallestNorm)));
}

/** The proximal operator of t·Σ|F|: sign(F)·max(|F| − t, 0). */
function softThreshold(factor: Node, threshold: Node): Node {
  return sign(factor).mul(maximum(factor.abs().sub(threshold), 0));
}
