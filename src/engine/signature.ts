import { isNode, topological, type Node } from './graph';

/**
 * What expressions compute, as a text: two lists have the same one just when they are made of the same operations on leaves
 * of the same kinds, names, shapes and values, wired alike. Nodes are shared by construction, leaves are not: those are told
 * apart by where they first occur.
 */
export function signatureOf(named: Iterable<readonly [string, Node]>): string {
  const roots = [...named];
  const order = topological(
    roots.map(([, node]) => node),
    (node) => [...node.operands, ...nodesIn(node.attributes)],
  );
  const numbers = new Map(order.map((node, place) => [node, place]));
  const lines = order.map(({ op, operands, attributes, shape, dtype }) =>
    textOf([op, operands, attributes, shape, dtype], numbers),
  );
  return [...lines, ...roots.map(([name, node]) => `${JSON.stringify(name)}:${numbers.get(node)}`)].join('\n');
}

/** A loop's states stand among its attributes. */
function nodesIn(value: unknown): readonly Node[] {
  if (isNode(value)) return [value];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(nodesIn);
}

function textOf(value: unknown, numbers: ReadonlyMap<Node, number>): string {
  if (isNode(value)) return `#${numbers.get(value)}`;
  // JSON has neither −0 nor what is not finite.
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}${sparse(value as unknown as ArrayLike<number>)}`;
  if (Array.isArray(value)) return `[${value.map((one) => textOf(one, numbers)).join()}]`;
  return `{${Object.entries(value)
    .map(([name, own]) => `${name}:${textOf(own, numbers)}`)
    .join()}}`;
}

/** Values by their places, without zeros: what shared values begin with is zero as a rule. */
function sparse(values: ArrayLike<number>): string {
  const texts = [`(${values.length})`];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Object.is(value, 0)) texts.push(`${at}:${Object.is(value, -0) ? '-0' : value}`);
  }
  return texts.join(' ');
}
