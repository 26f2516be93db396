import { describe, leaf, numberOf, withOperands, type DType, type Node, type OperatorName } from '../graph';
import { constant } from '../leaves';
import { alike, type Shape } from '../shape';
import type { Rule } from './rewrite';

/** What the wildcards of a pattern stand for in a node that it fits. */
type Found = Map<Node, Node>;
type Condition = (at: (wildcard: Node) => Node) => boolean;
type Matcher = (node: Node, found: Found) => boolean;

const wildcards = new Map<Node, (node: Node) => boolean>();

/** What stands in patterns for whatever passes a test, and twice for the same; its shape is what the functions ask for. */
function wildcard(name: string, test: (node: Node) => boolean, shape: Shape = [], dtype: DType = 'float'): Node {
  const node = leaf('input', { name }, shape, dtype);
  wildcards.set(node, test);
  return node;
}

const anything = (): boolean => true;
const isScalar = ({ rank }: Node): boolean => rank === 0;
const number = (name: string, test: (value: number) => boolean = anything): Node =>
  wildcard(name, (node) => test(numberOf(node) ?? NaN) && numberOf(node) !== undefined);

export const [x, y, low, high] = ['x', 'y', 'low', 'high'].map((name) => wildcard(name, anything)) as [
  Node,
  Node,
  Node,
  Node,
];
/** A truth value, and matrices. */
export const p = wildcard('p', anything, [], 'bool');
export const [A, B] = [wildcard('A', anything, ['A.0', 'A.1']), wildcard('B', anything, ['B.0', 'B.1'])];
/** Numbers that are known. */
export const [c, d] = [number('c'), number('d')];
export const [positive, negative] = [number('c > 0', (value) => value > 0), number('c < 0', (value) => value < 0)];
export const divisor = number('c ≠ 0', (value) => value !== 0);
/** Single values, and one that is not known. */
export const [s, t] = [wildcard('s', isScalar), wildcard('t', isScalar)];
export const unknown = wildcard('u', (node) => isScalar(node) && numberOf(node) === undefined);
/** What holds more than one value. */
export const [v, w] = [wildcard('v', (node) => !isScalar(node)), wildcard('w', (node) => !isScalar(node))];

export const areAlike: Condition = (at) => alike(at(x).shape, at(y).shape);

const commutative: ReadonlySet<string> = new Set<OperatorName>(['add', 'mul', 'maximum', 'minimum', 'equal']);

function matcher(form: Node): Matcher {
  const test = wildcards.get(form);
  if (test) {
    return (node, found) => {
      const known = found.get(form);
      if (!known && test(node)) found.set(form, node);
      return known ? known === node : found.has(form);
    };
  }
  const number = numberOf(form);
  if (number !== undefined) return (node) => numberOf(node) === number;
  // What tells most comes first: operations and numbers, before what fits nearly anything.
  const parts = form.operands
    .map((operand, place) => ({ place, fits: matcher(operand), isWild: wildcards.has(operand) }))
    .sort((a, b) => Number(a.isWild) - Number(b.isWild));
  const swaps = commutative.has(form.op);
  return (node, found) => {
    if (node.op !== form.op) return false;
    const before = found.size;
    if (parts.every(({ place, fits }) => fits(node.operands[place]!, found))) return true;
    if (found.size > before) for (const late of [...found.keys()].slice(before)) found.delete(late);
    return swaps && parts.every(({ place, fits }) => fits(node.operands[1 - place]!, found));
  };
}

/** An expression with what was found in the place of its wildcards. */
function filled(form: Node, found: Found): Node {
  const known = found.get(form);
  return (
    known ??
    withOperands(
      form,
      form.operands.map((operand) => filled(operand, found)),
    )
  );
}

/**
 * The rule that whatever is of one form may be written in another: both are expressions of wildcards. Operands that may be
 * exchanged are found in either order.
 */
export function pattern(form: Node, other: Node | number, condition?: Condition): Rule {
  const answer = typeof other === 'number' ? constant(other) : other;
  const fits = matcher(form);
  const found: Found = new Map();
  return {
    name: `${describe(form, Infinity)} → ${describe(answer, Infinity)}`,
    operations: [form.op as OperatorName],
    apply(node) {
      found.clear();
      const holds = fits(node, found) && (!condition || condition((one) => found.get(one)!));
      return holds ? filled(answer, found) : undefined;
    },
  };
}
