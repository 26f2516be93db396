import { defaultsOf, mark, number, recordOf, type Fields, type VariantOf } from './fields';

/** What an entry x of X costs when the model says y, (WH) there. Each is 0 at a perfect fit, and none is halved or averaged. */
export interface LossRecord {
  label: string;
  /** What it is for, in the picker. */
  detail: string;
  /** The loss of all entries, as the inspector words it. */
  formula: string;
  /** The loss of one entry. */
  entry: string;
  options?: Fields;
  /** Numbers that it is defined for; the words complete "… needs". */
  domain?: { least?: number; above?: number; most?: number; words: string };
  /** Whether it is defined for y ≥ 0 alone, so that both factors must be non-negative. */
  nonNegative?: true;
  /** What of W·H the mean of X is, where it is not W·H itself. */
  link?: string;
  /** With X and W·H times s it is s to this power as much; absent where it is not in X's units. */
  degree?: 0 | 1 | 2;
}

export const losses = {
  squared: {
    label: 'Squared',
    detail: 'Σ(X − WH)²: where errors are as likely up as down, and none is wild.',
    formula: 'Σ(X − WH)²',
    entry: '(x − y)²',
    degree: 2,
  },
  absolute: {
    label: 'Absolute',
    detail: 'Σ|X − WH|: an outlier pulls no harder the further out it lies.',
    formula: 'Σ|X − WH|',
    entry: '|x − y|',
    degree: 1,
  },
  huber: {
    label: 'Huber',
    detail: 'Squared up to δ, linear beyond.',
    formula: 'Σ Huber(X − WH)',
    // Outliers pull with a bounded force.
    entry: '(x − y)² up to |x − y| = δ, 2δ|x − y| − δ² beyond',
    degree: 2,
    options: {
      delta: number({
        noun: 'Huber loss’s delta',
        sentence: 'How far an entry may lie from its fit before it counts as an outlier, in the data’s units',
        symbol: 'δ',
        above: 0,
        default: 0,
        example: 1,
        unit: 'X',
        auto: 'fromData',
        option: {
          name: 'delta',
          value: 'δ',
          help: 'where the huber loss turns from square to linear (auto: from the residuals)',
        },
      }),
      fromData: mark({ noun: 'origin of δ', sentence: 'Whether δ is what was found in the data; it is 0 before that' }),
    },
  },
  'kullback-leibler': {
    label: 'Kullback–Leibler',
    detail: 'For counts; W and H non-negative.',
    formula: 'Kullback–Leibler divergence of X from WH',
    // Solvers shift both by 1e-7 of the data's mean.
    entry: 'x·ln(x/y) − x + y, with 0·ln 0 = 0',
    domain: { least: 0, words: 'numbers of at least 0' },
    nonNegative: true,
    degree: 1,
  },
  'itakura-saito': {
    label: 'Itakura–Saito',
    detail: 'For spectra, whatever their scale; W and H non-negative.',
    formula: 'Itakura–Saito divergence of X from WH',
    entry: 'x/y − ln(x/y) − 1',
    domain: { above: 0, words: 'numbers above 0' },
    nonNegative: true,
    degree: 0,
  },
  poisson: {
    label: 'Poisson',
    detail: 'For counts whose mean is exp(WH).',
    formula: 'Poisson deviance of X from exp(WH), halved',
    entry: 'exp(y) − x·y + x·ln x − x',
    domain: { least: 0, words: 'counts, numbers of at least 0' },
    link: 'exp(WH)',
  },
  logistic: {
    label: 'Logistic',
    detail: 'For zeros and ones.',
    formula: 'Logistic loss of X given WH',
    entry: 'ln(1 + exp(y)) − x·y, less its least value in y',
    domain: { least: 0, most: 1, words: 'numbers from 0 to 1' },
    link: '1/(1 + exp(−WH))',
  },
} satisfies Record<string, LossRecord>;

export type Loss = VariantOf<'kind', typeof losses>;
export type LossKind = Loss['kind'];
export type LossRecords = Readonly<Record<string, LossRecord>>;

/** A loss with its options as they are where nothing is asked for. */
export const lossOfKind = (kind: string, records: LossRecords = losses): Loss =>
  ({ kind, ...defaultsOf(recordOf(records, kind).options ?? {}) }) as Loss;

/** Whether a loss is defined for a number. */
export const isDefinedFor = ({ domain }: LossRecord, x: number): boolean =>
  domain === undefined ||
  (x >= (domain.least ?? -Infinity) && x > (domain.above ?? -Infinity) && x <= (domain.most ?? Infinity));
