import type { ConsensusMatrix } from '../src/factorization/diagnostics/findings';

/** The matrix with rows and columns in the order of the clustering's leaves. */
export function inOrder({ matrix, order }: Pick<ConsensusMatrix, 'matrix' | 'order'>): Float32Array {
  const size = order.length;
  const ordered = new Float32Array(size * size);
  order.forEach((row, i) => {
    order.forEach((column, j) => (ordered[i * size + j] = matrix[row * size + column] ?? NaN));
  });
  return ordered;
}

/** A block along the diagonal. */
export interface Cluster {
  size: number;
  /** Mean over pairs of different rows of the block; undefined where it has one row. */
  within: number | undefined;
  /** Mean over pairs of a row of the block and one of another; undefined where there is no other. */
  outside: number | undefined;
}

/** The clusters in the order of the leaves. */
export function clustersOf(consensus: Pick<ConsensusMatrix, 'matrix' | 'order' | 'clusters'>): Cluster[] {
  const size = consensus.order.length;
  const ordered = inOrder(consensus);
  let start = 0;
  return consensus.clusters.map((count) => {
    const end = start + count;
    let [inside, all] = [0, 0];
    for (let i = start; i < end; i++) {
      for (let j = 0; j < size; j++) {
        if (i === j) continue;
        const value = ordered[i * size + j] ?? NaN;
        all += value;
        if (j >= start && j < end) inside += value;
      }
    }
    start = end;
    const [pairs, others] = [count * (count - 1), count * (size - count)];
    return {
      size: count,
      within: pairs > 0 ? inside / pairs : undefined,
      outside: others > 0 ? (all - inside) / others : undefined,
    };
  });
}
