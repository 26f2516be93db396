import { add, matmul, mul } from '../functions';
import { constant } from '../leaves';
import { is, numberOf, type Node } from '../graph';
import { alike, type Sizes } from '../shape';
import { scaled } from './algebra';
import { elements, turnsOf, usesOf } from './cost';
import { rule, type Rule } from './rewrite';

const minusOne = constant(-1);

/** A summand: its scalar factors, and what they multiply. */
interface Term {
  readonly factors: readonly Node[];
  readonly base: Node;
}

/**
 * Within a loop, A − s·(A·G − P) → A·(I − s·G) + s·P where G, s and P stay the same from turn to turn: a gradient step on a
 * quadratic is one product and one sum, and what is in brackets is computed once before the loop. The same for A on the
 * right, for any number of such terms, and for sums of terms that stay the same.
 */
export function loopInvariants(roots: readonly Node[], sizes: Sizes): Rule {
  const uses = usesOf(roots);
  return rule('collect what a loop does not change', ['add', 'sub'], (node) => {
    const turns = turnsOf(node);
    if (turns === 1 || node.rank !== 2) return undefined;
    const changes = (inner: Node): boolean => turnsOf(inner) === turns;
    /** A sum that something else needs too is a term as it is, or its products would be computed twice. */
    const terms = (inner: Node, factors: readonly Node[], shared = false): Term[] => {
      const alone = !shared && (inner === node || (uses.get(inner) ?? 1) === 1);
      const [a, b] = inner.operands;
      const part = scaled(inner);
      if (part) return terms(part.rest, [...factors, ...factorsOf(part.factor)], !alone);
      const fits = (operand: Node): boolean => operand.rank === 0 || alike(operand.shape, inner.shape);
      const isSum = is(inner, 'add') || is(inner, 'sub');
      if (!isSum || !a || !b || !alone || !changes(inner) || !fits(a) || !fits(b)) return [{ factors, base: inner }];
      return [...terms(a, factors), ...terms(b, is(inner, 'sub') ? [minusOne, ...factors] : factors)];
    };
    const all = terms(node, []);
    const isFixed = ({ factors, base }: Term): boolean => ![...factors, base].some(changes);
    const fixed = all.filter(isFixed);
    const moving = all.filter((term) => !isFixed(term));
    const { merged, rest } = merge(moving, changes, sizes);
    if (merged.length === 0 && (fixed.length < 2 || moving.length === 0)) return undefined;
    const changed = [...merged, ...rest.map(valueOf)];
    return [...changed, ...(fixed.length > 0 ? [total(fixed.map(valueOf))] : [])].reduce((sum, term) => add(sum, term));
  });
}

/** The single factors of a scalar. */
const factorsOf = (scalar: Node): Node[] =>
  is(scalar, 'mul')
    ? scalar.operands.flatMap(factorsOf)
    : is(scalar, 'neg')
      ? [minusOne, ...scalar.operands.flatMap(factorsOf)]
      : [scalar];

/** Numbers are multiplied at once, so that signs cancel. */
function product(factors: readonly Node[]): Node {
  const number = factors.reduce((left, factor) => left * (numberOf(factor) ?? 1), 1);
  return factors
    .filter((factor) => numberOf(factor) === undefined)
    .reduce<Node>((left, right) => mul(left, right), constant(number));
}
const valueOf = ({ factors, base }: Term): Node => (factors.length === 0 ? base : mul(product(factors), base));

/** The sum of some values, scalars last. */
const total = (values: readonly Node[]): Node =>
  values.toSorted((a, b) => b.rank - a.rank).reduce((sum, value) => add(sum, value));

/** Joins the terms that are one changing matrix times matrices that do not change, or that matrix itself. */
function merge(
  terms: readonly Term[],
  changes: (node: Node) => boolean,
  sizes: Sizes,
): { merged: Node[]; rest: readonly Term[] } {
  const merged: Node[] = [];
  let rest = terms;
  for (const { base } of terms) {
    const [a, b] = base.operands as [Node, Node];
    if (!is(base, 'matmul') || base.rank !== 2 || changes(a) === changes(b)) continue;
    const [own, other] = changes(a) ? [0, 1] : [1, 0];
    const [changing, matrix] = changes(a) ? [a, b] : [b, a];
    const [size] = matrix.shape;
    if (typeof size !== 'number' || !alike(matrix.shape, [size, size])) continue;
    if (elements(matrix, sizes) >= elements(changing, sizes)) continue;
    const fixedOf = (one: Node): Node | undefined => {
      if (one === changing) return identity(size);
      return is(one, 'matmul') && one.operands[own] === changing ? one.operands[other] : undefined;
    };
    const members = rest.flatMap((term): Term[] => {
      const fixed = fixedOf(term.base);
      return fixed ? [{ ...term, base: fixed }] : [];
    });
    // Factors that all have, such as a momentum that changes, stay outside.
    const { common, parts } = factored(members);
    if (members.length < 2 || parts.some((part) => [part.base, ...part.factors].some(changes))) continue;
    const inner = total(parts.map(valueOf));
    merged.push(mul(product(common), own === 0 ? matmul(changing, inner) : matmul(inner, changing)));
    rest = rest.filter((term) => !fixedOf(term.base));
  }
  return { merged, rest };
}

/** What some terms have in common as factors, each as often as all of them have it, and what each has beside. */
function factored(terms: readonly Term[]): { common: Node[]; parts: Term[] } {
  const parts = terms.map(({ factors, base }) => ({ factors: [...factors], base }));
  const common = (terms[0]?.factors ?? []).filter((factor) => {
    const isCommon = parts.every(({ factors }) => factors.includes(factor));
    if (isCommon) for (const { factors } of parts) factors.splice(factors.indexOf(factor), 1);
    return isCommon;
  });
  return { common, parts };
}

const identities = new Map<number, Node>();

function identity(size: number): Node {
  const known = identities.get(size);
  if (known) return known;
  const data = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const made = constant({ data, shape: [size, size] });
  identities.set(size, made);
  return made;
}
