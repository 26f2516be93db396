import type { Node } from '../graph';
import type { Dim, Sizes } from '../shape';

/** A node that can be computed for some rows at a time. */
export interface Part {
  readonly node: Node;
  /** For each operand the axis that holds the rows, or undefined where it is needed whole. */
  readonly axes: readonly (number | undefined)[];
  /** The axis of the rows in the node's own value, or undefined where the values of all blocks are added up. */
  readonly rowAxis: number | undefined;
}

/**
 * Nodes that are computed together, a block of rows after the other: large values, and what they are reduced to. Nothing
 * else needs the large ones, so no more of them is ever there than a block, which stays in the processor's cache.
 */
export interface RowBlocks {
  /** Operands before results. */
  readonly parts: readonly Part[];
  /** Of those, the reductions: all that is left of them. */
  readonly results: readonly Part[];
  readonly rows: Dim;
  readonly rowsOfBlock: number;
}

export interface Blocking {
  readonly sizes: Sizes;
  /** Elements of the widest value of a block. */
  readonly blockElements: number;
  /** Elements from which on a value is worth being made in blocks. */
  readonly largeElements: number;
  /** Rows of a block at least: products of few rows are slow, and so is adding up what is as wide as X for few. */
  readonly fewestRows: number;
}
