import { formatShape, ShapeError, type Shape } from './shape';
import type { Tensor } from './tensor';

/** Numbers of the run's precision, or truth values. Indices are whole numbers held as floats: exact to 2²⁴ in float32. */
export type DType = 'float' | 'bool';

/** What the graph's functions take: a node, or a number that becomes a constant. */
export type Operand = Node | number;

/** One node for each of a list. */
export type NodesLike<P extends readonly unknown[]> = { -readonly [K in keyof P]: Node };

/** What the nodes of an operator carry that has no attributes. */
export type None = Record<string, never>;

/**
 * What nodes carry, by their kind: here leaves and loops. Each family of operators adds its own where it declares them, in
 * `ops/`; the graph knows none of them.
 */
export interface Attributes {
  constant: { readonly value: Tensor };
  input: { readonly name: string };
  sequence: { readonly name: string };
  shared: { readonly name: string; readonly initial: Tensor };
  state: { readonly name: string; readonly turns: number };
  /**
   * A loop, whose body is part of the graph (see `loops.ts`): state `index` after the last turn. The operands are the
   * states' initial values, then what each becomes in a turn.
   */
  iterate: { readonly states: readonly Node<'state'>[]; readonly index: number };
}

const leaves = ['constant', 'input', 'sequence', 'shared', 'state'] as const;
export type LeafName = (typeof leaves)[number];
export type OperatorName = Exclude<keyof Attributes, LeafName | 'iterate'>;
/** The operators whose nodes carry nothing. */
export type PlainOperator = { [O in OperatorName]: Attributes[O] extends None ? O : never }[OperatorName];

export type Words<T extends string> = T extends `${infer First} ${infer Rest}` ? First | Words<Rest> : T;

/** Operators by their names: 'exp log'. */
export const named = <T extends string>(names: Words<T> extends OperatorName ? T : never): ReadonlySet<string> =>
  new Set(names.split(' '));

/** What is known of a value without computing it. */
export interface Type {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The type of an operation's or a loop's result, or why the operands do not fit. */
export type Inference = (operands: readonly Type[], attributes: never) => Type | string;

const inferences = new Map<string, Inference>();

/** Makes an operation known, which the graph can be asked for from then on. */
export function register(op: OperatorName | 'iterate', infer: Inference): void {
  inferences.set(op, infer);
}

/** The type of an operation's or a loop's result, or why the operands do not fit. */
export function inferType(op: OperatorName | 'iterate', operands: readonly Type[], attributes: unknown): Type | string {
  const infer = inferences.get(op);
  if (!infer) throw new Error(`the operation ${op} is not registered`);
  return infer(operands, attributes as never);
}

let nextId = 0;
/** The operations that have no operand. */
const rootless = new Map<string, Node>();

/**
 * A symbolic tensor: an operation on other nodes, or a leaf. Immutable and hash-consed: the same operation on the same
 * operands is the same object, so common subexpressions are shared by construction and `===` compares expressions.
 */
export class Node<O extends keyof Attributes = keyof Attributes> {
  /** Grows with every node made, so operands have smaller numbers than their results. */
  readonly id = nextId++;
  /** Operations of which it is the newest operand, by what they are made of; they go when it goes. */
  readonly uses = new Map<string, Node>();
  /** States of loops that its value depends on, and without which it has none: empty for what stands outside of loops. */
  readonly states: ReadonlySet<Node>;

  constructor(
    readonly op: O,
    readonly operands: readonly Node[],
    readonly attributes: Attributes[O],
    readonly shape: Shape,
    readonly dtype: DType,
  ) {
    this.states = is(this, 'state') ? new Set([this]) : statesOf(this);
  }

  get rank(): number {
    return this.shape.length;
  }

  toString(): string {
    return describe(this);
  }
}

const outside: ReadonlySet<Node> = new Set();

function statesOf(node: Node): ReadonlySet<Node> {
  const sets = [...new Set(node.operands.map(({ states }) => states))].filter(({ size }) => size > 0);
  if (is(node, 'iterate')) {
    const own = new Set<Node>(node.attributes.states);
    return new Set(sets.flatMap((set) => [...set].filter((state) => !own.has(state))));
  }
  return sets.length > 1 ? new Set(sets.flatMap((set) => [...set])) : (sets[0] ?? outside);
}

/** Makes the node of an operation or loop, or finds it. @throws ShapeError naming the operation, its operands and their shapes. */
export function make<O extends OperatorName | 'iterate'>(
  op: O,
  operands: readonly Node[],
  attributes: Attributes[O],
): Node {
  const newest = operands.reduce<Node | undefined>((a, b) => (a && a.id > b.id ? a : b), undefined);
  const table = newest ? newest.uses : rootless;
  const key = `${op} ${operands.map(({ id }) => id).join(' ')} ${attributeKey(attributes)}`;
  const known = table.get(key);
  if (known) return known;
  const type = inferType(op, operands, attributes);
  if (typeof type === 'string') throw new ShapeError(`${operation(op, operands)}: ${type}`);
  const node = new Node(op, operands, attributes, type.shape, type.dtype);
  table.set(key, node);
  return node;
}

function attributeKey(attributes: object): string {
  if (Object.keys(attributes).length === 0) return '';
  return JSON.stringify(attributes, (_, value: unknown) => {
    if (value instanceof Node) return `node ${value.id}`;
    return value;
  });
}

/** Whether something is an expression. */
export const isNode = (value: unknown): value is Node => value instanceof Node;

/** Whether a node is a leaf of that kind or the result of that operation; narrows its attributes. */
export function is<O extends keyof Attributes>(node: Node, op: O): node is Node<O> {
  return node.op === op;
}

const leafNames: ReadonlySet<string> = new Set(leaves);

export const isLeaf = (node: Node): node is Node<LeafName> => leafNames.has(node.op);

/** The same operation on other operands of the same types. */
export function withOperands(node: Node, operands: readonly Node[]): Node {
  if (isLeaf(node) || operands.every((operand, i) => operand === node.operands[i])) return node;
  return make(node.op as OperatorName, operands, node.attributes as never);
}

/** Expressions made anew, operands first. @param become what a node becomes, and what it is on its operands as they became */
export function rebuilt(roots: readonly Node[], become: (node: Node, moved: Node) => Node): Node[] {
  const replaced = new Map<Node, Node>();
  const at = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of topological(roots)) replaced.set(node, become(node, withOperands(node, node.operands.map(at))));
  return roots.map(at);
}

/** Nodes that `roots` need, operands before results. */
export function topological(roots: readonly Node[], operandsOf = dependencies): Node[] {
  const order: Node[] = [];
  /** Nodes that were met, and whether their operands are all in the order. */
  const ready = new Map<Node, boolean>();
  // An explicit stack: unrolled loops make graphs deeper than the call stack.
  const stack = roots.toReversed();
  for (let node = stack.at(-1); node; node = stack.at(-1)) {
    if (!ready.has(node)) {
      ready.set(node, false);
      const operands = operandsOf(node);
      for (let i = operands.length - 1; i >= 0; i--) {
        const operand = operands[i];
        if (operand && !ready.has(operand)) stack.push(operand);
      }
      continue;
    }
    stack.pop();
    if (ready.get(node)) continue;
    ready.set(node, true);
    order.push(node);
  }
  return order;
}

const dependencies = (node: Node): readonly Node[] => node.operands;

/** A node that is no operation. Every one is a node of its own, unlike operations. */
export function leaf<O extends LeafName>(
  op: O,
  attributes: Attributes[O],
  shape: Shape,
  dtype: DType = 'float',
): Node<O> {
  return new Node(op, [], attributes, shape, dtype);
}

const scalars = new Map<string, WeakRef<Node<'constant'>>>();

/** A number as a node; equal numbers are the same node. */
export function numberNode(value: number): Node<'constant'> {
  const key = Object.is(value, -0) ? '-0' : String(value);
  const known = scalars.get(key)?.deref();
  if (known) return known;
  const node = leaf('constant', { value: { data: Float64Array.of(value), shape: [] } }, []);
  scalars.set(key, new WeakRef(node));
  return node;
}

/** The number that a node is, if it is a constant of one element. */
export function numberOf(node: Node): number | undefined {
  if (!is(node, 'constant') || node.attributes.value.data.length !== 1) return undefined;
  return node.attributes.value.data[0];
}

/** An operation as errors tell it: its operands with their shapes, those of a run if they are given. */
export function operation(
  op: string,
  operands: readonly Node[],
  shapes: readonly Shape[] = operands.map(({ shape }) => shape),
): string {
  return `${op}(${operands.map((operand, i) => `${describe(operand)} ${formatShape(shapes[i] ?? [])}`).join(', ')})`;
}

/** An expression as text, cut after a few levels. */
export function describe(node: Node, depth = 3): string {
  if (is(node, 'constant')) return String(numberOf(node) ?? `constant${formatShape(node.shape)}`);
  if (isLeaf(node)) return 'name' in node.attributes ? node.attributes.name : node.op;
  if (depth === 0) return '…';
  return `${node.op}(${node.operands.map((operand) => describe(operand, depth - 1)).join(', ')})`;
}
