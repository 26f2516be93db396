import { choice, defaultsOf, number, recordOf, whole, type Field, type Fields, type VariantOf } from './fields';

/** How an objective is minimised. */
export interface SolverRecord {
  label: string;
  /** What it is for, in the editor's settings: after the label and a colon; a full stop alone where the label says all. */
  detail: string;
  /** As the inspector words it; options stand in braces, and those that do not follow. The label where absent. */
  summary?: string;
  /** What it does in an iteration, for the reference, with its source. */
  method: string;
  options?: Fields;
}

const innerSteps = (field: { default: number; counts: string }) =>
  whole({
    noun: 'number of inner steps',
    sentence: 'Steps of one factor before it is the turn of the other',
    least: 1,
    ...field,
  });

const rateOption = { name: 'rate', value: 'β', help: 'step length of {owners}' };
/** Beyond it nobody means it. */
const maxRate = 1e6;

export const solvers = {
  apg: {
    label: 'Accelerated block proximal gradient',
    detail: 'for every objective but the absolute loss.',
    summary: 'Accelerated block proximal gradient, {inner}',
    method:
      'W with H fixed, then H with W fixed, each by accelerated proximal steps with adaptive restart (NeNMF: Guan et al. 2012; O’Donoghue & Candès 2015). Never raises the objective.',
    // Where a step takes its Gram form it is cheap beside what the block begins with, so many pay.
    options: { inner: innerSteps({ default: 20, counts: 'inner step' }) },
  },
  hals: {
    label: 'Hierarchical alternating least squares',
    detail: 'the squared loss, nothing missing.',
    summary: 'Hierarchical alternating least squares, {sweeps}',
    method:
      'Component by component, each to its exact minimum, some times for each factor (Cichocki & Phan 2009). Never raises the objective.',
    options: {
      sweeps: whole({
        noun: 'number of sweeps',
        sentence: 'How often all components of a factor are gone through before it is the turn of the other',
        least: 1,
        default: 2,
        counts: 'sweep',
      }),
    },
  },
  mu: {
    label: 'Multiplicative updates',
    detail: 'non-negative factors.',
    method: 'Multiplicative updates under a β-divergence (Févotte & Idier 2011). Never raises the objective.',
  },
  lbfgs: {
    label: 'L-BFGS',
    detail: 'smooth objectives without constraints.',
    summary: 'L-BFGS, {memory} remembered',
    method: 'L-BFGS (Nocedal 1980) on both factors at once. Never raises the objective.',
    options: {
      memory: whole({
        noun: 'number of remembered steps',
        sentence: 'How many of the last steps tell the curvature',
        least: 1,
        default: 10,
        counts: 'step',
      }),
    },
  },
  als: {
    label: 'Alternating least squares',
    detail: 'the squared loss with L2 penalties, also with missing entries.',
    summary: 'Alternating least squares, {inner} each',
    method:
      'W with H fixed, then H with W fixed, each the minimum of a quadratic in every row by itself, found by preconditioned conjugate-gradient steps from where the factor is (Takács, Pilászy & Tikk 2011). Never raises the objective.',
    // From the last iteration's factors a few steps come as near as exact solving would.
    options: { inner: innerSteps({ default: 5, counts: 'conjugate-gradient step' }) },
  },
  irls: {
    label: 'Iteratively reweighted least squares',
    detail: 'the absolute loss with L1 and L2 penalties, non-negativity and boxes.',
    summary: 'Iteratively reweighted least squares, {inner} each',
    method:
      'Weighted squares that touch the absolute loss from above, minimised in W and then in H by conjugate-gradient steps, while the smoothing of its kinks shrinks. Never raises the objective.',
    // Up to a rank of so many every quadratic is solved.
    options: { inner: innerSteps({ default: 10, counts: 'conjugate-gradient step' }) },
  },
  svd: {
    label: 'Singular value decomposition',
    detail: 'the squared loss without penalties, nothing missing.',
    method:
      'The truncated singular value decomposition: the minimum itself of the squared loss on full data, without penalties and constraints.',
  },
  /** The article's solver. */
  ngd: {
    label: 'Normalized gradient descent',
    detail: 'with the rate below.',
    summary: 'Normalized gradient descent, rate {rate} {stepLength}, {schedule} schedule',
    method: 'F ← F − rate·s·g/‖g‖ for F in {W, H}, g the gradient of the objective in F, s as the step length says.',
    options: {
      rate: number({
        noun: 'rate',
        above: 0,
        most: maxRate,
        default: 0.1,
        example: 0.1,
        option: rateOption,
        setting: {
          name: 'rate',
          words:
            'Length of the first step of normalized gradient descent, in the unit that `#factorlens.stepLength#` says.',
        },
      }),
      /** Over iterations t = 0, 1, … of T planned. */
      schedule: choice(
        {
          // β, the article's choice.
          constant: 'Stays. The factors cannot settle, since every step has the same length.',
          // β/√(t+1).
          'inverse-sqrt': 'Falls with the square root of the iteration.',
          // ½β(1 + cos(πt/T)).
          cosine: 'Falls to zero over the iterations, so that the factors settle.',
          // The "bold driver": one that lowers it makes the next 10 % longer.
          adaptive: 'Grows while the objective falls. A step that would raise it is undone and the rate halved.',
        },
        {
          noun: 'schedule',
          default: 'cosine',
          option: { name: 'schedule', value: 'NAME', help: "of {owners}'s rate: {names} ({default})" },
          setting: { name: 'rateSchedule', words: 'How the rate changes over the iterations.' },
        },
      ),
      stepLength: choice(
        {
          // s = ‖F‖.
          relative: "The rate is a fraction of each factor's norm, whatever the data's units.",
          // s = 1, as in the article.
          absolute: "The rate is the step's length itself, in the data's units.",
        },
        {
          noun: 'step length',
          short: { relative: "of each factor's norm", absolute: 'in absolute length' },
          default: 'relative',
          option: {
            name: 'step',
            value: 'NAME',
            help: "of {owners}: relative to the factor's norm, or absolute ({default})",
          },
          setting: { name: 'stepLength', words: 'What `#factorlens.rate#` is measured in.' },
        },
      ),
    },
  },
  adam: {
    label: 'Adam',
    detail: '.',
    summary: 'Adam, rate {rate}',
    method:
      "Adam (Kingma & Ba 2015) on both factors at once, its rate relative to the factors' root mean square; penalties and constraints by their proximal step.",
    options: {
      rate: number({
        noun: 'rate',
        sentence: "Length of a step, relative to the factors' root mean square",
        above: 0,
        most: maxRate,
        default: 0.3,
        example: 0.1,
        option: rateOption,
      }),
    },
  },
  momentum: {
    label: 'Gradient descent with momentum',
    detail: '.',
    summary: 'Gradient descent with momentum {momentum}, rate {rate}',
    method: 'F ← F − rate·g/L + momentum·(last step), L a bound on the curvature (Polyak 1964).',
    options: {
      rate: number({
        noun: 'rate',
        sentence: 'Length of a step, relative to the longest that the curvature allows',
        above: 0,
        most: maxRate,
        default: 0.5,
        example: 0.5,
        option: rateOption,
      }),
      momentum: number({
        noun: 'momentum',
        sentence: 'The part of the last step that is made again',
        least: 0,
        below: 1,
        default: 0.9,
        example: 0.9,
      }),
    },
  },
} satisfies Record<string, SolverRecord>;

/** Leaves it to the model; a result records what it became. */
export const automatic = {
  id: 'auto',
  detail: 'What suits the objective. The inspector says which, and why.',
  summary: 'Automatic: what suits the objective',
  help: 'what suits the objective',
} as const;

/** The editor's setting that names a solver. */
export const solverSetting = { name: 'solver', words: 'How the objective is minimised.' };

/** A solver with its options. */
export type NamedSolverOptions = VariantOf<'id', typeof solvers>;
export type SolverOptions = NamedSolverOptions | { id: typeof automatic.id };
export type SolverId = NamedSolverOptions['id'];
export type SolverRecords = Readonly<Record<string, SolverRecord>>;

export type NormalizedGradientOptions = Extract<NamedSolverOptions, { id: 'ngd' }>;
export type AcceleratedOptions = Extract<NamedSolverOptions, { id: 'apg' }>;
export type HalsOptions = Extract<NamedSolverOptions, { id: 'hals' }>;
export type LbfgsOptions = Extract<NamedSolverOptions, { id: 'lbfgs' }>;
export type MultiplicativeOptions = Extract<NamedSolverOptions, { id: 'mu' }>;
export type AdamOptions = Extract<NamedSolverOptions, { id: 'adam' }>;
export type MomentumOptions = Extract<NamedSolverOptions, { id: 'momentum' }>;
export type SingularOptions = Extract<NamedSolverOptions, { id: 'svd' }>;
export type AlternatingOptions = Extract<NamedSolverOptions, { id: 'als' }>;
export type ReweightedOptions = Extract<NamedSolverOptions, { id: 'irls' }>;

/** How the rate of normalized gradient descent changes over iterations. */
export type RateSchedule = NormalizedGradientOptions['schedule'];

/** A solver as it is unless something else is asked for, with some of its options changed. */
export const solverWith = (
  id: string,
  changes: Readonly<Record<string, unknown>> = {},
  records: SolverRecords = solvers,
): NamedSolverOptions => ({ id, ...defaultsOf(recordOf(records, id).options ?? {}), ...changes }) as NamedSolverOptions;

/** Every solver as it is unless something else is asked for. */
export const namedSolvers = Object.fromEntries(Object.keys(solvers).map((id) => [id, solverWith(id)])) as {
  readonly [K in SolverId]: Extract<NamedSolverOptions, { id: K }>;
};

export const defaultSolver: SolverOptions = { id: automatic.id };

/** What may be asked for, `auto` first. */
export const solverIdsOf = (records: SolverRecords = solvers): SolverOptions['id'][] => [
  automatic.id,
  ...(Object.keys(records) as SolverId[]),
];

export const solverIds: readonly SolverOptions['id'][] = solverIdsOf();

/** An option of solvers on the command line, which several of them may have. */
export interface SharedOption {
  name: string;
  /** Those that have it, each with its field and the field's key. */
  owners: { id: string; key: string; field: Field }[];
}

/** The solvers' options of the command line, in order. */
export function sharedOptions(records: SolverRecords = solvers): SharedOption[] {
  const shared = new Map<string, SharedOption>();
  for (const [id, { options }] of Object.entries(records)) {
    for (const [key, field] of Object.entries(options ?? {})) {
      if (!field.option) continue;
      const { name } = field.option;
      const known = shared.get(name) ?? { name, owners: [] };
      known.owners.push({ id, key, field });
      shared.set(name, known);
    }
  }
  return [...shared.values()];
}
