import { is, isLeaf, topological, type Node } from '../graph';
import { declarationOf } from '../ops/operators';
import { elementsAddedAtOnce } from '../ops/scatter';
import { elements, extent } from '../rewrite/cost';
import type { Dim, Sizes } from '../shape';
import type { Emitter } from './emitter';

/** How an operation is computed for some rows at a time. */
interface Cut {
  /** For each operand the axis that holds the rows, or undefined where it is needed whole. */
  readonly axes: readonly (number | undefined)[];
  /** The axis of the rows in the result, or undefined where the values of all blocks are added up. */
  readonly rowAxis: number | undefined;
}

/** A node that can be computed for some rows at a time. */
export interface Part extends Cut {
  readonly node: Node;
  /** How many rows its blocks make in all: a number where it is known. */
  readonly rows: Dim;
  /** The graph in which it is to be computed: blocks are of one graph. */
  readonly home: Emitter;
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

/**
 * Measured on 2 cores with 1 MiB of second-level cache each: at 2000×2000 the steps of a masked, a pseudo-Huber and a
 * Kullback–Leibler objective take 0.61, 0.63 and 0.77 of their time with blocks of 2¹⁹ elements, up to a fifth more with
 * 2¹⁷, whose operations are too short for two threads; values of 10⁶ elements gain nothing.
 */
export const defaultBlocking = { blockElements: 2 ** 19, largeElements: 2 ** 20, fewestRows: 64 };

/** A block's share of the usual size where one operation alone makes it: that gains nothing by the cache, but takes memory. */
const shareOfOne = 1 / 8;

/** A value of less than this share of the widest is left whole: the factors themselves, where there are very many rows. */
const largeShare = 1 / 4;

/**
 * Which of some nodes are computed in blocks, and the order to compute all in: an operation on matrices as large as X takes
 * most of its time to read and write them, and a step of a masked, robust or Kullback–Leibler objective has many, between
 * W·H and the products that the gradients are.
 * @param order nodes to be computed, operands before results
 * @param homeOf the graph in which a node is to be computed, or undefined where it has been
 */
export function rowBlocks(
  roots: readonly Node[],
  order: readonly Node[],
  homeOf: (node: Node) => Emitter | undefined,
  blocking: Blocking,
): readonly (Node | RowBlocks)[] {
  const { sizes, largeElements } = blocking;
  const widest = order.reduce((most, node) => Math.max(most, elements(node, sizes)), 0);
  const least = Math.max(largeElements, widest * largeShare);
  const large = new Map<Node, Part>();
  const parts = new Map<Node, Part>();
  for (const node of order) {
    const isLarge = node.rank >= 2 && elements(node, sizes) >= least;
    const cut = isLarge ? rowwise(node) : reducing(node, large);
    const home = cut && homeOf(node);
    if (!home) continue;
    const part = { node, ...cut, rows: rowCount(node, cut, sizes), home };
    parts.set(node, part);
    if (isLarge) large.set(node, part);
  }
  if (large.size === 0) return order;
  /** Whether a part can be computed in the same blocks as its operand of that number. */
  const goesWith = (part: Part, i: number): boolean => {
    const inner = large.get(part.node.operands[i]!);
    return inner?.home === part.home && inner.rows === part.rows && inner.rowAxis === part.axes[i];
  };

  // With the bodies of loops and the alternatives, which need values as well.
  const users = topological(roots, (node) => (homeOf(node) ? node.operands : []));
  /** After how many rounds of blocks each can be computed: what does not go with an operand's blocks waits for their end. */
  const stages = new Map<Node, number>();
  const stageOf = (node: Node): number => stages.get(node) ?? 0;
  for (const user of users) {
    const part = parts.get(user);
    let stage = 0;
    for (const [i, operand] of user.operands.entries()) {
      const waits = parts.has(operand) && !(part && goesWith(part, i));
      stage = Math.max(stage, stageOf(operand) + Number(waits));
    }
    stages.set(user, stage);
  }
  /** What has to be there as a whole, since not only blocks of its own round need it, and what such large values come from. */
  const whole = new Set(roots);
  for (const user of users.toReversed()) {
    const part = parts.get(user);
    const isWhole = large.has(user) && whole.has(user);
    for (const [i, operand] of user.operands.entries()) {
      // What is only looked up is looked up again.
      const inTime = stageOf(user) === stageOf(operand) || is(operand, 'take');
      if (isWhole || !part || !goesWith(part, i) || !inTime) whole.add(operand);
    }
  }
  const isInside = (node: Node): boolean => large.has(node) && !whole.has(node);

  const groups: { readonly stage: number; readonly parts: Part[] }[] = [];
  for (const [node, part] of parts) {
    if (is(node, 'take') || !(isInside(node) || (!large.has(node) && node.operands.some(isInside)))) continue;
    const stage = stageOf(node);
    let group = groups.find((one) => {
      const last = one.parts.at(-1)!;
      return one.stage === stage && last.rows === part.rows && last.home === part.home;
    });
    if (!group) groups.push((group = { stage, parts: [] }));
    for (const operand of node.operands) {
      const found = is(operand, 'take') && isInside(operand) ? large.get(operand) : undefined;
      if (found && !group.parts.includes(found)) group.parts.push(found);
    }
    group.parts.push(part);
  }
  const inBlocks = new Set(groups.flatMap((group) => group.parts.map(({ node }) => node)));
  const last = order.reduce((most, node) => Math.max(most, stageOf(node)), 0);
  const items: (Node | RowBlocks)[] = [];
  for (let stage = 0; stage <= last; stage++) {
    items.push(...order.filter((node) => stageOf(node) === stage && !inBlocks.has(node)));
    for (const group of groups.filter((one) => one.stage === stage)) {
      const blocks = blocksOf(group.parts, isInside, blocking);
      items.push(...(blocks ? [blocks] : group.parts.map(({ node }) => node)));
    }
  }
  return items;
}

function rowCount(node: Node, { axes, rowAxis }: Cut, sizes: Sizes): Dim {
  const i = axes.findIndex((axis) => axis !== undefined);
  const dim = (i < 0 ? node.shape[rowAxis ?? 0] : node.operands[i]?.shape[axes[i] ?? 0]) ?? 1;
  return typeof dim === 'number' ? dim : (sizes.get(dim) ?? dim);
}

/** The blocks of values that go together, or nothing where one block would be all. */
function blocksOf(
  parts: readonly Part[],
  isInside: (node: Node) => boolean,
  { sizes, blockElements, fewestRows }: Blocking,
): RowBlocks | undefined {
  const inside = parts.filter(({ node }) => isInside(node));
  const dims = inside.map(({ node, rowAxis }) => node.shape[rowAxis ?? 0] ?? 1);
  const rows = dims.find((dim) => typeof dim === 'number') ?? dims[0] ?? 1;
  const count = extent(rows, sizes);
  const width = inside.reduce((most, { node }) => Math.max(most, elements(node, sizes)), -Infinity) / count;
  // Slices of a block are added in one go, by one thread.
  const adds = parts.some(({ node }) => is(node, 'scatterAdd'));
  const share = inside.length === 1 ? shareOfOne : 1;
  const most = Math.min(share * blockElements, adds ? elementsAddedAtOnce : Infinity);
  const fewest = adds ? 1 : Math.max(1, share * fewestRows);
  const least = Math.ceil(count / Math.max(fewest, Math.floor(most / width)));
  if (least === 1) return undefined;
  // Somewhat smaller blocks of one size are looked at where they lie.
  const even = Array.from({ length: least >> 1 }, (_, more) => least + more).find((blocks) => count % blocks === 0);
  const blocks = even ?? least;
  const results = parts.filter(({ node }) => !isInside(node));
  return { parts, results, rows, rowsOfBlock: Math.ceil(count / blocks) };
}

/** How a large value is computed for some of its rows, the last axis but one. */
function rowwise(node: Node): Cut | undefined {
  const rowAxis = node.rank - 2;
  if (isProduct(node)) return cutsOf(node).ofRows;
  if (is(node, 'take') && node.rank === 2 && node.attributes.axis === 0) return { rowAxis, axes: [undefined, 0] };
  if (is(node, 'ifElse') || is(node, 'iterate') || isLeaf(node) || !declarationOf(node).elementwise) return undefined;
  const axes = node.operands.map((operand) => {
    const axis = rowAxis - node.rank + operand.rank;
    return (operand.shape[axis] ?? 1) === 1 ? undefined : axis;
  });
  return { rowAxis, axes };
}

/** How large values are reduced to a smaller one, some of their rows at a time. */
function reducing(node: Node, large: ReadonlyMap<Node, Part>): Cut | undefined {
  const [a] = node.operands;
  if (!a || !node.operands.some((operand) => large.has(operand))) return undefined;
  const rows = a.rank - 2;
  if (is(node, 'sum') || is(node, 'sumSquares') || is(node, 'max') || is(node, 'min')) {
    const { axes, keepDims } = node.attributes;
    if (axes.includes(rows)) {
      return is(node, 'max') || is(node, 'min') ? undefined : { axes: [rows], rowAxis: undefined };
    }
    return { axes: [rows], rowAxis: keepDims ? rows : rows - axes.filter((axis) => axis < rows).length };
  }
  if (is(node, 'scatterAdd')) {
    return a.rank === 2 && node.attributes.axis === 0 ? { axes: [0, 0], rowAxis: undefined } : undefined;
  }
  if (!isProduct(node)) return undefined;
  // The rows of the large ones are those of the product, or what the product sums over.
  const { ofRows, summed } = cutsOf(node);
  const isAlongRows = ({ axes }: Cut): boolean =>
    node.operands.every((operand, i) => !large.has(operand) || axes[i] === operand.rank - 2);
  return [ofRows, summed].find(isAlongRows);
}

const isProduct = (node: Node): node is Node<'matmul' | 'gemm'> => is(node, 'matmul') || is(node, 'gemm');

/** A product of some of its rows, and of some of those that it sums over. */
function cutsOf(node: Node<'matmul' | 'gemm'>): { readonly ofRows: Cut; readonly summed: Cut } {
  const { transA, transB } = is(node, 'gemm') ? node.attributes : { transA: false, transB: false };
  const [a, b] = node.operands.map(({ rank }) => rank);
  const [rowsOfA, columnsOfA] = transA ? [a! - 1, a! - 2] : [a! - 2, a! - 1];
  return {
    ofRows: { axes: [rowsOfA, undefined, 0], rowAxis: node.rank - 2 },
    summed: { axes: [columnsOfA, transB ? b! - 1 : b! - 2, undefined], rowAxis: undefined },
  };
}
