import { is, isLeaf, topological, type Node } from '../graph';
import { declarationOf } from '../ops/operators';
import { elementsAddedAtOnce } from '../ops/scatter';
import { elements, extent } from '../rewrite/cost';
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

/** The graph in which a node is to be computed, or undefined where it has been: blocks are of one graph. */
type Home = (node: Node) => object | undefined;
type Parts = ReadonlyMap<Node, Part>;
/** Whether a part can be computed in the same blocks as its operand of that number. */
type GoesWith = (part: Part, operand: number) => boolean;

/**
 * Which of some nodes are computed in blocks, and the order to compute all in: an operation on matrices as large as X takes
 * most of its time to read and write them, and a step of a masked, robust or Kullback–Leibler objective has many, between
 * W·H and the products that the gradients are.
 * @param order nodes to be computed, operands before results
 */
export function rowBlocks(
  roots: readonly Node[],
  order: readonly Node[],
  homeOf: Home,
  blocking: Blocking,
): (Node | RowBlocks)[] {
  const isLarge = largeAmong(order, blocking);
  const large = partsAmong(order, (node) => (isLarge(node) && homeOf(node) ? rowwise(node) : undefined));
  if (large.size === 0) return [...order];
  const reduces = (node: Node): Part | undefined =>
    isLarge(node) || !homeOf(node) ? undefined : reducing(node, large);
  const parts = partsAmong(order, (node) => large.get(node) ?? reduces(node));
  const rowsOf = (part: Part): Dim => rowCount(part, blocking.sizes);
  const goesWith: GoesWith = (part, i) => {
    const inner = part.node.operands[i] && large.get(part.node.operands[i]);
    if (!inner || homeOf(inner.node) !== homeOf(part.node)) return false;
    return part.axes[i] === inner.rowAxis && rowsOf(inner) === rowsOf(part);
  };

  // With the bodies of loops and the alternatives, which need values as well.
  const users = topological(roots, (node) => (homeOf(node) ? node.operands : []));
  const stages = stagesOf(users, parts, goesWith);
  const inSameBlocks = (user: Node, i: number): boolean => {
    const part = parts.get(user);
    const operand = user.operands[i];
    if (!part || !operand || !goesWith(part, i)) return false;
    // What is only looked up is looked up again.
    return stages.get(user) === stages.get(operand) || is(operand, 'take');
  };
  const whole = neededWhole(roots, users, large, inSameBlocks);
  const isInside = (node: Node): boolean => large.has(node) && !whole.has(node);

  const groups: { readonly stage: number; readonly rows: Dim; readonly home: object | undefined; parts: Part[] }[] = [];
  for (const [node, part] of parts) {
    if (!isInside(node) && (large.has(node) || !node.operands.some(isInside))) continue;
    if (is(node, 'take')) continue;
    const [stage, rows, home] = [stages.get(node) ?? 0, rowsOf(part), homeOf(node)];
    let group = groups.find((one) => one.stage === stage && one.rows === rows && one.home === home);
    if (!group) groups.push((group = { stage, rows, home, parts: [] }));
    for (const operand of node.operands) {
      const found = large.get(operand);
      if (found && isInside(operand) && is(operand, 'take') && !group.parts.includes(found)) group.parts.push(found);
    }
    group.parts.push(part);
  }
  const inBlocks = new Set(groups.flatMap((group) => group.parts.map(({ node }) => node)));
  const last = order.reduce((most, node) => Math.max(most, stages.get(node) ?? 0), 0);
  const items: (Node | RowBlocks)[] = [];
  for (let stage = 0; stage <= last; stage++) {
    items.push(...order.filter((node) => (stages.get(node) ?? 0) === stage && !inBlocks.has(node)));
    for (const group of groups.filter((one) => one.stage === stage)) {
      const blocks = blocksOf(group.parts, isInside, blocking);
      items.push(...(blocks ? [blocks] : group.parts.map(({ node }) => node)));
    }
  }
  return items;
}

/** Whether a value is large enough to be worth being made in blocks. */
function largeAmong(order: readonly Node[], { sizes, largeElements }: Blocking): (node: Node) => boolean {
  const widest = order.reduce((most, node) => Math.max(most, elements(node, sizes)), 0);
  const least = Math.max(largeElements, widest * largeShare);
  return (node) => node.rank >= 2 && elements(node, sizes) >= least;
}

/** The nodes that are parts, operands before results. */
const partsAmong = (order: readonly Node[], partOf: (node: Node) => Part | undefined): Map<Node, Part> =>
  new Map(
    order.flatMap((node): [Node, Part][] => {
      const part = partOf(node);
      return part ? [[node, part]] : [];
    }),
  );

/** How many rows a part's blocks make in all: a number where it is known. */
function rowCount({ node, axes, rowAxis }: Part, sizes: Sizes): Dim {
  const i = axes.findIndex((axis) => axis !== undefined);
  const dim = (i < 0 ? node.shape[rowAxis ?? 0] : node.operands[i]?.shape[axes[i] ?? 0]) ?? 1;
  return typeof dim === 'number' ? dim : (sizes.get(dim) ?? dim);
}

/** After how many rounds of blocks each node can be computed: what does not go with an operand's blocks waits for their end. */
function stagesOf(users: readonly Node[], parts: Parts, goesWith: GoesWith): ReadonlyMap<Node, number> {
  const stages = new Map<Node, number>();
  for (const node of users) {
    const part = parts.get(node);
    let stage = 0;
    for (const [i, operand] of node.operands.entries()) {
      const waits = parts.has(operand) && !(part && goesWith(part, i));
      stage = Math.max(stage, (stages.get(operand) ?? 0) + Number(waits));
    }
    stages.set(node, stage);
  }
  return stages;
}

/** What has to be there as a whole, since not only blocks of its own round need it, and what such large values come from. */
function neededWhole(
  roots: readonly Node[],
  users: readonly Node[],
  large: Parts,
  inSameBlocks: (user: Node, operand: number) => boolean,
): ReadonlySet<Node> {
  const whole = new Set(roots);
  for (const user of users.toReversed()) {
    const isWhole = large.has(user) && whole.has(user);
    for (const [i, operand] of user.operands.entries()) {
      if (isWhole || !inSameBlocks(user, i)) whole.add(operand);
    }
  }
  return whole;
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
function rowwise(node: Node): Part | undefined {
  const rowAxis = node.rank - 2;
  const [a] = node.operands;
  if (is(node, 'matmul') && a) return { node, rowAxis, axes: [a.rank - 2, undefined] };
  if (is(node, 'gemm')) return { node, rowAxis, axes: [node.attributes.transA ? 1 : 0, undefined, 0] };
  if (is(node, 'take') && node.rank === 2 && node.attributes.axis === 0) return { node, rowAxis, axes: [undefined, 0] };
  if (is(node, 'ifElse') || is(node, 'iterate') || isLeaf(node) || !declarationOf(node).elementwise) return undefined;
  const axes = node.operands.map((operand) => {
    const axis = rowAxis - node.rank + operand.rank;
    return (operand.shape[axis] ?? 1) === 1 ? undefined : axis;
  });
  return { node, rowAxis, axes };
}

/** How large values are reduced to a smaller one, some of their rows at a time. */
function reducing(node: Node, large: Parts): Part | undefined {
  const [a, b] = node.operands;
  if (!a) return undefined;
  if (is(node, 'sum') || is(node, 'sumSquares') || is(node, 'max') || is(node, 'min')) {
    const { axes, keepDims } = node.attributes;
    const rows = a.rank - 2;
    if (!large.has(a)) return undefined;
    if (!axes.includes(rows)) {
      const rowAxis = keepDims ? rows : rows - axes.filter((axis) => axis < rows).length;
      return { node, axes: [rows], rowAxis };
    }
    return is(node, 'max') || is(node, 'min') ? undefined : { node, axes: [rows], rowAxis: undefined };
  }
  if (is(node, 'scatterAdd') && a.rank === 2 && large.has(a) && node.attributes.axis === 0)
    return { node, axes: [0, 0], rowAxis: undefined };
  if (!b || !(is(node, 'matmul') || is(node, 'gemm'))) return undefined;
  const { transA, transB } = is(node, 'gemm') ? node.attributes : { transA: false, transB: false };
  const [rowsOfA, columnsOfA] = transA ? [a.rank - 1, a.rank - 2] : [a.rank - 2, a.rank - 1];
  const rowsOfB = transB ? b.rank - 1 : b.rank - 2;
  // The rows of the large one are those of the product, or what the product sums over.
  if (large.has(a) && !transA && !large.has(b)) return { node, axes: [rowsOfA, undefined, 0], rowAxis: node.rank - 2 };
  const sumsOverRows =
    (large.has(a) && transA && !large.has(b)) || (large.has(b) && !transB && (transA || !large.has(a)));
  return sumsOverRows ? { node, axes: [columnsOfA, rowsOfB, undefined], rowAxis: undefined } : undefined;
}
