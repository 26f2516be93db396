import { describe, leaf, named, numberOf, withOperands, type DType, type Node, type OperatorName } from '../graph';
import { constant } from '../leaves';
import { alike } from '../shape';
import type { Rule } from './rewrite';

/** What the wildcards of a pattern stand for in a node that it fits. */
interface Found {
  readonly wildcards: Node[];
  readonly nodes: Node[];
}
type Condition = (at: (wildcard: Node) => Node) => boolean;

const tests = new Map<Node, (node: Node) => boolean>();

const anything = (): boolean => true;

/** What stands in patterns for whatever passes a test, and twice for the same. */
function wildcard(name: string, test: (node: Node) => boolean = anything, dtype: DType = 'float'): Node {
  const node = leaf('input', { name }, [], dtype);
  tests.set(node, test);
  return node;
}

const isScalar = ({ rank }: Node): boolean => rank === 0;
const number = (name: string, test: (value: number) => boolean = anything): Node =>
  wildcard(name, (node) => numberOf(node) !== undefined && test(numberOf(node)!));

export const [x, y] = [wildcard('x'), wildcard('y')];
export const [low, high] = [wildcard('low'), wildcard('high')];
/** A truth value. */
export const p = wildcard('p', anything, 'bool');
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

const commutative = named('add mul maximum minimum equal');

/** Whether a node is of a form, with what the wildcards then stand for. (Loops by number: see `algebra.ts`.) */
function fits(form: Node, node: Node, found: Found): boolean {
  if (form.op === 'input') {
    const place = found.wildcards.indexOf(form);
    if (place >= 0) return found.nodes[place] === node;
    if (!tests.get(form)!(node)) return false;
    found.wildcards.push(form);
    found.nodes.push(node);
    return true;
  }
  if (form.op !== node.op) return false;
  if (form.op === 'constant') return numberOf(form) === numberOf(node);
  const before = found.nodes.length;
  if (operandsFit(form, node, found, false)) return true;
  if (!commutative.has(form.op)) return false;
  found.wildcards.length = found.nodes.length = before;
  return operandsFit(form, node, found, true);
}

/** Whether a node may be of a form, as far as its operands' operations tell. */
function mayFit({ operands }: Node, node: Node, swapped: boolean): boolean {
  for (let i = 0; i < operands.length; i++) {
    const { op } = operands[i]!;
    if (op !== 'input' && op !== node.operands[swapped ? 1 - i : i]!.op) return false;
  }
  return true;
}

function operandsFit({ operands }: Node, node: Node, found: Found, swapped: boolean): boolean {
  for (let i = 0; i < operands.length; i++) {
    if (!fits(operands[i]!, node.operands[swapped ? 1 - i : i]!, found)) return false;
  }
  return true;
}

/** An expression with what was found in the place of its wildcards. */
const filled = (form: Node, found: Found): Node =>
  found.nodes[found.wildcards.indexOf(form)] ??
  withOperands(
    form,
    form.operands.map((operand) => filled(operand, found)),
  );

/**
 * The rule that whatever is of one form may be written in another: both are expressions of wildcards. Operands that may be
 * exchanged are found in either order.
 */
export function pattern(form: Node, other: Node | number, condition?: Condition): Rule {
  const answer = typeof other === 'number' ? constant(other) : other;
  let name: string | undefined;
  return {
    // Most names are never asked for.
    get name() {
      return (name ??= `${describe(form, Infinity)} → ${describe(answer, Infinity)}`);
    },
    operations: [form.op as OperatorName],
    mayApply: (node) => mayFit(form, node, false) || (commutative.has(form.op) && mayFit(form, node, true)),
    apply(node) {
      const found: Found = { wildcards: [], nodes: [] };
      const holds = fits(form, node, found) && (!condition || condition((one) => filled(one, found)));
      return holds ? filled(answer, found) : undefined;
    },
  };
}
