import type { MethodId } from './settings';

export interface Method {
  id: MethodId;
  label: string;
  /** The objective, in one line. */
  description: string;
  /** What it is for, in one sentence. */
  detail: string;
}

/** The methods that the picker offers, the plainest first. */
export const methods: readonly Method[] = [
  {
    id: 'plain',
    label: 'Matrix Factorization',
    description: 'Σ(X − WH)²',
    detail: 'The closest product of two thin matrices, with no penalty. Where to begin.',
  },
  {
    id: 'ridge',
    label: 'Ridge',
    description: 'Σ(X − WH)² + λΣW² + λΣH²',
    detail: 'Keeps factors small, so that noise is fitted less. λ is the setting Ridge: Strength.',
  },
  {
    id: 'sparse',
    label: 'Sparse Coding',
    description: 'Σ(X − WH)² + μΣ|W| + λΣH²',
    detail: 'Describes each row by few components. μ is the setting Sparse Coding: Sparsity.',
  },
];
