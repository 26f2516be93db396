/**
 * Where a run begins.
 * - `random`: independent normal entries in the data's scale.
 * - `svd`: the truncated singular value decomposition, each pair of vectors scaled by the root of its singular value.
 * - `nndsvd`, `nndsvda`, `nndsvdar`: its non-negative variant, with zeros as they are, filled with the mean of X, or filled
 *   with small random numbers.
 * - `k-means`: clusters of rows around centres that k-means++ picks.
 * - `file`: the factors of an earlier result.
 */
export type StartKind = (typeof startKinds)[number];

export const startKinds = ['random', 'svd', 'nndsvd', 'nndsvda', 'nndsvdar', 'k-means', 'file'] as const;

/** Starts that are the same whatever the seed: several restarts from one of them would all be the same run. */
export const isSeedless = (kind: StartKind): boolean => ['svd', 'nndsvd', 'nndsvda', 'file'].includes(kind);
