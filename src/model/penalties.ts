import { number, type NumberField } from './fields';

/**
 * Penalties of a factor F: each is its weight, at least 0, times its term. A component is a column of W, a row of H.
 */
export interface PenaltyRecord {
  label: string;
  /** Its term and what it does, in the picker. */
  detail: string;
  /** Its term in the objective of W and in that of H, as the inspector words them. */
  formula: { W: string; H: string };
  weight: NumberField;
  /** It grows with this power of the factor. */
  power: 1 | 2 | 4;
  /** Whether it has a kink, so that its proximal operator takes the place of its gradient. */
  kink?: true;
  /** Whether it tells components apart from their mixtures W·Q, Qᵀ·H with Q orthogonal. */
  tellsComponents?: true;
  /** Whether it grows with the factor whatever its form. */
  ofSize?: true;
  /** What in W ties all rows together, so that new ones have no W of their own. */
  tiesRows?: string;
  /** Whether components depend on each other, so that none can be taken by itself. */
  tiesComponents?: true;
  /** Absent from files that were written before there was this penalty. */
  later?: true;
}

/** A weight, which is at least 0. */
const weight = (noun: string, option: { name: string; value: string; help: string }): NumberField =>
  number({ noun, least: 0, default: 0, option });

export const penalties = {
  l1: {
    label: 'L1',
    detail: 'Σ|F|: zeros, the more the larger.',
    formula: { W: 'Σ|W|', H: 'Σ|H|' },
    weight: weight('L1 penalty', {
      name: 'l1',
      value: 'μW,μH',
      help: 'L1 penalties; one number stands for both factors, or for the one that the preset penalises ({default})',
    }),
    power: 1,
    kink: true,
    tellsComponents: true,
    ofSize: true,
  },
  l2: {
    label: 'L2',
    detail: 'ΣF²: keeps factors small, so that noise is fitted less.',
    formula: { W: 'ΣW²', H: 'ΣH²' },
    weight: weight('L2 penalty', {
      name: 'l2',
      value: 'λW,λH',
      help: 'L2 penalties; one number stands for both factors ({default})',
    }),
    power: 2,
    ofSize: true,
  },
  /** L2,1. */
  group: {
    label: 'Group',
    detail: 'Σ‖component‖: switches off whole components.',
    formula: { W: 'Σ‖component of W‖', H: 'Σ‖component of H‖' },
    weight: weight('group penalty', {
      name: 'group',
      value: 'γW,γH',
      help: 'penalties on the lengths of components, which switch off whole ones ({default})',
    }),
    power: 1,
    kink: true,
    tellsComponents: true,
    ofSize: true,
    tiesRows: 'a group penalty',
  },
  smooth: {
    label: 'Smoothness',
    detail: 'Σ(difference of neighbours)², down W’s columns and along H’s rows.',
    formula: { W: 'Σ(difference of neighbours in W)²', H: 'Σ(difference of neighbours in H)²' },
    weight: weight('smoothness penalty', {
      name: 'smooth',
      value: 'σW,σH',
      help: "penalties on Σ(difference of neighbours)², down W's columns and along H's rows ({default})",
    }),
    power: 2,
    tiesRows: 'a smoothness penalty',
    later: true,
  },
  orthogonal: {
    label: 'Orthogonality',
    detail: 'Σ⟨component, another⟩²: components that overlap less.',
    formula: { W: 'Σ(WᵀW off its diagonal)²', H: 'Σ(HHᵀ off its diagonal)²' },
    weight: weight('orthogonality penalty', {
      name: 'orthogonal',
      value: 'ωW,ωH',
      help: 'penalties on the squared inner products of different components ({default})',
    }),
    power: 4,
    tellsComponents: true,
    tiesRows: 'an orthogonality penalty',
    tiesComponents: true,
    later: true,
  },
} satisfies Record<string, PenaltyRecord>;

export type PenaltyName = keyof typeof penalties;
export type PenaltyRecords = Readonly<Record<string, PenaltyRecord>>;

/** Weights of one factor's penalties, all ≥ 0. */
export type FactorPenalty = { [K in PenaltyName]: number };

export const penaltyNames = Object.keys(penalties) as PenaltyName[];

/** The record of a penalty, as seen from any. */
export const penaltyRecord = (name: PenaltyName): PenaltyRecord => penalties[name];

/** Nothing weighs anything. */
export const noPenaltyOf = (records: PenaltyRecords): Record<string, number> =>
  Object.fromEntries(Object.keys(records).map((name) => [name, 0]));

export const noPenalty = noPenaltyOf(penalties) as FactorPenalty;

/** Whether one of the penalties that a condition holds for has a weight. */
export const isPenalisedBy = (penalty: FactorPenalty, condition: (record: PenaltyRecord) => boolean): boolean =>
  penaltyNames.some((name) => penalty[name] > 0 && condition(penalties[name]));
