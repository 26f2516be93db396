import {
  add,
  equal,
  greater,
  ifElse,
  less,
  lessEqual,
  maximum,
  minimum,
  sqrt,
  where,
  constant,
  type Node,
} from '../../engine';
import type { Constraint } from '../../model/constraints';
import type { Model } from '../../model/model';
import type { FactorPenalty } from '../../model/penalties';
import type { ReweightedOptions } from '../../model/solvers';
import { noPenalty } from '../../model/penalties';
import { penaltyTerm, type ObjectiveVariables } from '../objective/objective';
import type { Observations } from '../observations';
import { type FactorName, balancingScale } from '../objective/penalties';
import { proximal } from '../objective/constraints';
import { lowered, unbounded, type EntryTerms } from './bounded-quadratic';
import { type SolverDeclaration, unknownPenalty } from './solver';
import { firstCount, lastStepOf, momentumShare } from './extrapolation';
import { sharedScalar, zeroAtFirst, zerosLike, type Memory, type SolverProgram } from './program';
import { reweighting } from './reweighted-lines';

/** What the smoothing is multiplied by after an iteration, and after one whose quadratics were lowered by less than a part of the objective. */
const shrink = 0.97;
const shrinkAtRest = 0.6;
const atRest = 1e-5;

/** The smoothing at which a run may settle, as a part of the mean residual … */
const finalShare = 1e-3;
/**
 * … or, if that is more, of the products that W·H is summed up from: residuals are rounded with those, and within so small
 * a smoothing rounding alone would decide the slopes of entries that fit.
 */
const finalPrecision = 128 * 2 ** -23;

/** The stationarity of a run whose smoothing is still to shrink: none that any tolerance lets pass. */
const unsettled = 1e30;
/** How many times the square root of what is left to gain counts as stationarity: with it a run goes on until a hundredth of its tolerance is left. */
const strictness = 10;

/** What stands for what has not been computed yet. */
const unknown = Infinity;
const largest = 3e38;
const smallest = 1e-20;

export const reweighted: SolverDeclaration<ReweightedOptions> = {
  id: 'irls',
  refuses({ loss, penalties, constraints, biases }) {
    if (loss.kind !== 'absolute') return `it knows the absolute loss alone, not the ${loss.kind} loss`;
    for (const name of ['W', 'H'] as const) {
      if (unknownPenalty(penalties, ['l1', 'l2'], [name]) !== undefined) {
        return 'of the penalties it knows L1 and L2 alone';
      }
      if (!['none', 'non-negative', 'box'].includes(constraints[name].kind))
        return 'of the constraints it knows non-negativity and boxes alone';
    }
    return biases ? 'it knows no biases' : undefined;
  },
  monotone: () => true,
  steps: 'graph',
  program: (...given) => reweightedProgram(...given),
  programOfRows: (...given) => reweightedProgram(...given, ['W']),
  rests: 'stationary',
};

/**
 * Iteratively reweighted least squares for Σ weight·|r|, r = X − WH. Each |r| is smoothed to h(r) = r²/(2ε) up to ε and
 * |r| − ε/2 beyond, and h lies under the parabola that touches it at the present r and has the curvature
 * 1/max(|r|, ε) (Huber & Ronchetti 2009, sec. 7.8): what is left is a quadratic in every row of W, then in every column
 * of H, and lowering those never raises the smoothed objective. ε begins at the mean residual of the start, about which
 * all is least squares, and shrinks from one iteration to the next, which ends lower than a small ε throughout would
 * (Blake & Zisserman 1987, graduated non-convexity).
 *
 * While ε shrinks the objective itself may rise. So W and H are the lowest point that was passed, and the solver goes on
 * from a point of its own. It begins an iteration at that point moved on along its last step, with momentum as in
 * {@link extrapolate}, and takes back what raised the smoothed objective.
 *
 * It settles at the last ε, a thousandth of the mean residual or what float32 knows of one, where the quadratics that an
 * iteration sets up have next to nothing to be lowered by. With as many conjugate-gradient steps as it takes that is so
 * where the smoothed objective is stationary, in W and in H, and nowhere else. The smoothed objective lies below the
 * objective by at most ε/2·Σ weight, and its slope at an entry is one that |r| has within ε. It may be a saddle, as under
 * every loss, and the objective itself may still fall by what a smoothing of ε hides.
 *
 * @param moving the factors that are learned; the others stay as they are
 */
function reweightedProgram(
  model: Model,
  { inner }: ReweightedOptions,
  variables: ObjectiveVariables,
  observations: Observations,
  moving: readonly FactorName[] = ['W', 'H'],
): SolverProgram {
  const { data, total, lines } = reweighting(model, variables, observations);
  const count = sharedScalar('extrapolation', firstCount(model));
  const share = momentumShare(count);
  const known = sharedScalar('objective', unknown);
  const smoothing = sharedScalar('smoothing', unknown);
  const knownSmoothed = sharedScalar('smoothed objective', unknown);

  // The solver's own point, and its last step.
  const own = (name: FactorName): { at: Node<'shared'>; step: Node<'shared'> } => ({
    at: zerosLike(variables[name], `own ${name}`),
    step: zerosLike(variables[name], lastStepOf(name)),
  });
  const points = Object.fromEntries(moving.map((name) => [name, own(name)])) as Partial<
    Record<FactorName, ReturnType<typeof own>>
  >;
  const moved = (name: FactorName): Node => {
    const point = points[name];
    if (!point) return variables[name];
    return proximal(point.at.add(point.step.mul(share)), 0, noPenalty, model.constraints[name], name);
  };
  const here = { ...variables, W: points.W?.at ?? variables.W, H: points.H?.at ?? variables.H };

  const penaltiesAt = ({ W, H }: ObjectiveVariables): Node => penaltyTerm(model, W, H);
  const lossAt = (at: ObjectiveVariables): Node => total(at, (distance) => distance);
  const smoothedAt = (at: ObjectiveVariables, epsilon: Node): Node =>
    total(at, (distance) => {
      const within = minimum(distance, epsilon);
      return within.mul(distance.sub(within.mul(0.5))).div(epsilon);
    });
  const ifUnknown = (value: Node, computed: Node): Node => ifElse(greater(value, largest), computed, value);
  const weight = Math.max(totalWeight(observations), smallest);
  const floor = Math.max(
    finalPrecision * Math.sqrt(observations.sumOfSquares / Math.max(1, observations.observed)),
    smallest,
  );
  const cost = ifUnknown(known, lossAt(variables).add(penaltiesAt(variables)));
  const epsilon = ifUnknown(smoothing, maximum(lossAt(here).div(weight), floor));
  const smoothedHere = ifUnknown(knownSmoothed, smoothedAt(here, epsilon).add(penaltiesAt(here)));

  let at: ObjectiveVariables = { ...variables, W: moved('W'), H: moved('H') };
  let decrease: Node | undefined;
  for (const name of moving) {
    const quadratics = lines(at, name, epsilon);
    const block = lowered(quadratics, entryTerms(model.penalties[name], model.constraints[name]), inner);
    at = { ...at, [name]: quadratics.factorOf(block.next) };
    decrease = decrease ? decrease.add(block.decrease) : block.decrease;
  }
  const gained = decrease ?? smoothing.mul(0);
  // Scaling changes the penalties alone; the loss without it shares work with the rest.
  const scale = moving.length === 2 ? balancingScale(model, at.W, at.H) : undefined;
  const proposed = scale ? { ...at, W: at.W.mul(scale), H: at.H.div(scale.T) } : at;
  const loss = lossAt(at);
  const penalties = penaltiesAt(proposed);
  const objective = loss.add(penalties);

  // A plain iteration cannot raise the smoothed objective but by rounding, at which it must not stop for good.
  const accepted = add(lessEqual(smoothedAt(at, epsilon).add(penalties), smoothedHere), equal(share, 0));
  const lower = less(objective, cost);
  const final = maximum(loss.mul(finalShare / weight), maximum(typicalTerm(at).mul(finalPrecision), floor));
  const shrunk = epsilon.mul(where(less(gained, objective.mul(atRest)), shrinkAtRest, shrink));
  const nextEpsilon = where(accepted, minimum(epsilon, maximum(final, shrunk)), epsilon);
  const settling = lessEqual(epsilon, final.mul(1.01));

  const scalars: readonly [Node<'shared'>, Node, number][] = [
    [count, where(accepted, count.add(1), 1), firstCount(model)],
    [known, minimum(objective, cost), unknown],
    [smoothing, nextEpsilon, unknown],
    [knownSmoothed, where(accepted, smoothedAt(at, nextEpsilon).add(penalties), smoothedHere), unknown],
  ];
  const memory: Memory[] = scalars.map(([node, next, initial]) => ({
    node,
    next,
    initial: () => Float32Array.of(initial),
  }));
  for (const name of moving) {
    const point = points[name]!;
    const next = where(accepted, proposed[name], point.at);
    memory.push(
      { node: point.at, next, initial: (factors) => factors[name].slice() },
      zeroAtFirst(point.step, next.sub(point.at), name),
    );
  }
  const sparse = observations.places !== undefined;
  return {
    variables,
    data,
    cost,
    stationarity: where(settling, sqrt(maximum(gained, 0).mul(objective)).mul(strictness), unsettled),
    rate: constant(1),
    nextW: where(lower, proposed.W, variables.W),
    nextH: where(lower, proposed.H, variables.H),
    memory,
    asWritten: sparse,
    large: sparse,
  };
}

/** The root mean square of Σ_k w_ik²·h_kj², over all i and j. */
const typicalTerm = ({ W, H }: ObjectiveVariables): Node =>
  sqrt(
    W.square()
      .sum(0)
      .mul(H.square().sum(1))
      .sum()
      .div(Number(W.shape[0]) * Number(H.shape[1])),
  );

/** Σ weight over the observed entries. */
const totalWeight = ({ weights, observed }: Observations): number =>
  weights ? weights.reduce((sum, weight) => sum + weight, 0) : observed;

function entryTerms({ l1 }: FactorPenalty, constraint: Constraint): EntryTerms {
  switch (constraint.kind) {
    case 'non-negative':
      return { l1, least: 0, most: unbounded };
    case 'box':
      return { l1, least: constraint.least, most: constraint.most };
    default:
      return { l1, least: -unbounded, most: unbounded };
  }
}
