import type { ConsensusMatrix } from './findings';
import { randomSource } from '../../engine';
import { hasOwnComponents, type Model } from '../../model/model';
import type { Factors } from '../factors';
import { agnes, type Cluster } from 'ml-hclust';

/** More rows than this are sampled: the matrix grows with the square of their number, and clustering with the cube. */
export const maxRows = 400;

/** Rising numbers of the rows to be compared: all, or `most` of them, the same for the same seed. */
export function rowsToCompare(rows: number, seed: number, most = maxRows): number[] {
  const wanted = Math.min(rows, most);
  const random = randomSource(seed);
  const drawn: number[] = [];
  // Selection sampling (Knuth 1997, sec. 3.4.2, algorithm S): each row with the chance that fills what is wanted.
  for (let row = 0; row < rows && drawn.length < wanted; row++) {
    if ((rows - row) * random() < wanted - drawn.length) drawn.push(row);
  }
  return drawn;
}

/**
 * The group of each row: the component whose part in it, |W_ik|·‖row k of H‖, is largest, which is W's largest entry once
 * the rows of H have unit length. Rows that have nothing of any component are a group of their own, number `rank`.
 */
export function groupsOf({ W, H }: Pick<Factors, 'W' | 'H'>, rank: number, rows: readonly number[]): Int32Array {
  const columns = H.length / rank;
  const lengths = Float64Array.from({ length: rank }, (_, k) =>
    Math.sqrt(H.subarray(k * columns, (k + 1) * columns).reduce((sum, value) => sum + value * value, 0)),
  );
  return Int32Array.from({ length: rows.length }, (_, place) => {
    const row = rows[place]!;
    let group = rank;
    let largest = 0;
    for (let k = 0; k < rank; k++) {
      const part = Math.abs(W[row * rank + k]!) * lengths[k]!;
      if (part > largest) {
        largest = part;
        group = k;
      }
    }
    return group;
  });
}

/** Why agreement on groups would say nothing of a model and rank, as a sentence for the user; undefined where it does say something. */
export function refusesConsensus(model: Model, rank: number): string | undefined {
  if (rank === 1) return 'With one component all rows are in one group.';
  if (!hasOwnComponents(model)) {
    return 'Every rotation of the components fits as well, so restarts need not agree on them, only on the space that they span; under constraints such as those of NMF, or an L1 penalty, components are comparable.';
  }
  return undefined;
}

/**
 * @param rows rising numbers of rows of X
 * @param runs of at least two fits, the group of each of those rows
 * @param rank the number of clusters to tell
 */
export function consensusOf(rows: readonly number[], runs: readonly Int32Array[], rank: number): ConsensusMatrix {
  const size = rows.length;
  const together = new Int32Array(size * size);
  for (const groups of runs) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        if (groups[i] === groups[j]) together[i * size + j] = together[i * size + j]! + 1;
      }
    }
  }
  const matrix = new Float32Array(together).map((count) => count / runs.length);
  // From the counts, so that pairs that are as often together are exactly as far apart.
  const distances = new Float64Array(together).map((count) => (runs.length - count) / runs.length);
  const { order, cophenetic, cut } = averageLinkage(distances, size);
  const coefficient = copheneticCorrelation(distances, cophenetic, size);
  return {
    kind: 'consensus',
    restarts: runs.length,
    rows: [...rows],
    matrix,
    order,
    clusters: cut(rank),
    ...(coefficient !== undefined && { cophenetic: coefficient }),
    dispersion: together.reduce((sum, count) => sum + (2 * count - runs.length) ** 2, 0) / (runs.length * size) ** 2,
  };
}

/** The tree that average linkage makes of some items. */
export interface Dendrogram {
  /** The items in the order of the tree's leaves: those of any branch lie together. */
  order: number[];
  /** size×size: of two items, the height of the smallest branch that holds both. */
  cophenetic: Float64Array;
  /** Sizes of the branches, in the order of the leaves, when the tree is cut into so many; or fewer: what is at no distance stays together. */
  cut(branches: number): number[];
}

/**
 * Average-linkage clustering (UPGMA; Sokal & Michener 1958). Of pairs that are equally near, any may be joined first, and
 * another order of the items may give a slightly different tree. Its time grows with size³, about 0.2 s at 400.
 *
 * @param distances size×size, symmetric with zeros on the diagonal; `size` at least 1
 */
export function averageLinkage(distances: Float64Array, size: number): Dendrogram {
  const rows = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => distances[i * size + j]!));
  const root = agnes(rows, { method: 'average', isDistanceMatrix: true });
  const cophenetic = new Float64Array(size * size);
  /** The branch's items; on the way, pairs from different children are given its height. */
  const visit = (branch: Cluster): number[] => {
    if (branch.isLeaf) return [branch.index];
    const parts = branch.children.map(visit);
    parts.forEach((part, k) => {
      for (const other of parts.slice(k + 1)) {
        for (const i of part) {
          for (const j of other) cophenetic[i * size + j] = cophenetic[j * size + i] = branch.height;
        }
      }
    });
    return parts.flat();
  };
  const order = visit(root);
  return {
    order,
    cophenetic,
    cut(branches) {
      const parts = [root];
      while (parts.length < branches) {
        const highest = parts.reduce((best, { height }, k) => (height > (parts[best]?.height ?? 0) ? k : best), 0);
        const { height, children } = parts[highest]!;
        if (height === 0) break;
        parts.splice(highest, 1, ...children);
      }
      return parts.map(({ size }) => size);
    },
  };
}

/**
 * The cophenetic correlation coefficient (Sokal & Rohlf 1962): Pearson's correlation of the distances and the cophenetic
 * distances over all pairs. Undefined where either are all alike.
 */
export function copheneticCorrelation(
  distances: Float64Array,
  cophenetic: Float64Array,
  size: number,
): number | undefined {
  const pairs = (size * (size - 1)) / 2;
  const forEachPair = (callback: (a: number, b: number) => void): void => {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) callback(distances[i * size + j]!, cophenetic[i * size + j]!);
    }
  };
  let [meanA, meanB] = [0, 0];
  forEachPair((a, b) => {
    meanA += a / pairs;
    meanB += b / pairs;
  });
  let [squaresA, squaresB, products] = [0, 0, 0];
  forEachPair((a, b) => {
    squaresA += (a - meanA) ** 2;
    squaresB += (b - meanB) ** 2;
    products += (a - meanA) * (b - meanB);
  });
  // Rounding of the means must not count as variance.
  const noise = (mean: number): number => pairs * (Number.EPSILON * pairs * mean) ** 2;
  if (!(squaresA > noise(meanA) && squaresB > noise(meanB))) return undefined;
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresA * squaresB)));
}
