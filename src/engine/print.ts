import { describe, isLeaf, topological, type Node } from './graph';
import type { Part, RowBlocks } from './lower/row-blocks';
import { formatShape } from './shape';

/**
 * A graph as text, one operation a line, operands before results: `%2 = matmul(W, H) [6, 5]`.
 * @param rowBlocks what of it is computed in blocks of rows
 */
export function printGraph(roots: Readonly<Record<string, Node>>, rowBlocks: readonly RowBlocks[] = []): string {
  const order = topological(Object.values(roots)).filter((node) => !isLeaf(node));
  const names = new Map(order.map((node, i) => [node, `%${i}`]));
  const nameOf = (node: Node): string => names.get(node) ?? describe(node);
  const lines = order.map((node) => {
    const attributes = Object.entries(node.attributes)
      .filter(([, value]) => value !== false)
      .map(([key, value]) =>
        value === true ? key : `${key}=${Array.isArray(value) ? formatShape(value) : String(value)}`,
      );
    const list = [...node.operands.map(nameOf), ...attributes].join(', ');
    const type = node.dtype === 'float' ? '' : `${node.dtype} `;
    return `${nameOf(node)} = ${node.op}(${list}) ${type}${formatShape(node.shape)}`;
  });
  const blocks = rowBlocks.map(({ parts, results, rows, rowsOfBlock }) => {
    const ends = new Set(results);
    const inside = parts.filter((part) => !ends.has(part));
    const list = (some: readonly Part[]): string => some.map(({ node }) => nameOf(node)).join(', ');
    return `${rowsOfBlock} of ${rows} rows at a time: ${list(inside)} for ${list(results)}`;
  });
  return [...lines, ...blocks, ...Object.entries(roots).map(([name, node]) => `${name}: ${nameOf(node)}`)].join('\n');
}
