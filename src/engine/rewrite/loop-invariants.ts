import { add, matmul, mul } from '../functions';
import { constant } from '../leaves';
import { is, numberOf, topological, type Node } from '../graph';
import { alike, type Sizes } from '../shape';
import { scaled } from './algebra';
import { elements, turnsOf } from './cost';
import { rule, type Rule } from './rewrite';

const minusOne = constant(-1);

/** A summand: its scalar factors, and what they multiply. */
interface Term {
  readonly factors: readonly Node[];
  readonly base: Node;
}

/** Terms whose bases are one matrix that changes, times matrices that do not (1 where it stands alone). */
interface Group {
  readonly changing: Node;
  readonly side: 'left' | 'right';
  readonly members: { readonly factors: readonly Node[]; readonly fixed: Node | undefined }[];
}

/**
 * Within a loop, A − s·(A·G − P) → A·(I − s·G) + s·P where G, s and P stay the same from turn to turn: a gradient step on a
 * quadratic is one product and one sum, and what is in brackets is computed once before the loop. The same for A on the
 * right, for any number of such terms, and for sums of terms that stay the same.
 */
export function loopInvariants(roots: readonly Node[], sizes: Sizes): Rule {
  const uses = new Map<Node, number>();
  for (const node of topological(roots)) {
    for (const operand of node.operands) uses.set(operand, (uses.get(operand) ?? 0) + 1);
  }
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

/** Joins the terms that are one changing matrix times matrices that do not change. */
function merge(
  terms: readonly Term[],
  changes: (node: Node) => boolean,
  sizes: Sizes,
): { merged: Node[]; rest: readonly Term[] } {
  const merged: Node[] = [];
  let rest = terms;
  for (const { base } of terms) {
    const [a, b] = base.operands;
    if (!is(base, 'matmul') || base.rank !== 2 || !a || !b || changes(a) === changes(b)) continue;
    const side = changes(a) ? 'left' : 'right';
    const [changing, matrix] = side === 'left' ? [a, b] : [b, a];
    if (typeof matrix.shape[0] !== 'number' || !alike(matrix.shape, [matrix.shape[0], matrix.shape[0]])) continue;
    if (elements(matrix, sizes) >= elements(changing, sizes)) continue;
    const group: Group = { changing, side, members: [] };
    const left: Term[] = [];
    for (const term of rest) {
      const partner = partnerOf(term.base, group);
      if (partner === undefined) left.push(term);
      else group.members.push({ factors: term.factors, fixed: partner === 'alone' ? undefined : partner });
    }
    const joined = group.members.length > 1 ? join(group, matrix.shape[0], changes) : undefined;
    if (!joined) continue;
    merged.push(joined);
    rest = left;
  }
  return { merged, rest };
}

/** What a group's changing matrix is multiplied by to make a term's base; undefined where that is no multiple of it. */
function partnerOf(base: Node, { changing, side }: Group): Node | 'alone' | undefined {
  if (base === changing) return 'alone';
  const [a, b] = is(base, 'matmul') ? base.operands : [];
  const [own, other] = side === 'left' ? [a, b] : [b, a];
  return own === changing ? other : undefined;
}

function join({ changing, side, members }: Group, size: number, changes: (node: Node) => boolean): Node | undefined {
  // Factors that all have, such as a momentum that changes, stay outside.
  const { common, own: owns } = factored(members.map(({ factors }) => factors));
  const parts = members.map(({ fixed }, i) => ({ own: owns[i] ?? [], fixed: fixed ?? identity(size) }));
  if (parts.some(({ own, fixed }) => changes(fixed) || own.some(changes))) return undefined;
  const matrix = parts
    .map(({ own, fixed }) => valueOf({ factors: own, base: fixed }))
    .reduce((sum, part) => add(sum, part));
  return mul(product(common), side === 'left' ? matmul(changing, matrix) : matmul(matrix, changing));
}

/** What some products have in common, each factor as often as all of them have it, and what each has beside. */
function factored(products: readonly (readonly Node[])[]): { common: Node[]; own: Node[][] } {
  const own = products.map((factors) => [...factors]);
  const common: Node[] = [];
  for (const factor of products[0] ?? []) {
    if (!own.every((factors) => factors.includes(factor))) continue;
    for (const factors of own) factors.splice(factors.indexOf(factor), 1);
    common.push(factor);
  }
  return { common, own };
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
