import { inferType, operators } from './ops/operators';
import type { Attributes, LeafName, OperatorName } from './ops/attributes';
import * as build from './functions';
import { nameOf, optionsOf, shapeOf, tensorOf } from './arguments';
import { formatShape, mayEqual, ShapeError, type Dim, type Shape } from './shape';
import type { Tensor } from './tensor';

/** Numbers of the run's precision, or truth values. Indices are whole numbers held as floats: exact to 2²⁴ in float32. */
export type DType = 'float' | 'bool';

/** What the graph's functions take: a node, or a number that becomes a constant. */
export type Operand = Node | number;

/** One node for each of a list. */
export type NodesLike<P extends readonly unknown[]> = { -readonly [K in keyof P]: Node };

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

  /** The transpose. */
  get T(): Node {
    return build.transpose(this);
  }

  add(other: Operand): Node {
    return build.add(this, other);
  }
  sub(other: Operand): Node {
    return build.sub(this, other);
  }
  mul(other: Operand): Node {
    return build.mul(this, other);
  }
  div(other: Operand): Node {
    return build.div(this, other);
  }
  pow(exponent: Operand): Node {
    return build.pow(this, exponent);
  }
  neg(): Node {
    return build.neg(this);
  }
  abs(): Node {
    return build.abs(this);
  }
  square(): Node {
    return build.square(this);
  }
  sign(): Node {
    return build.sign(this);
  }
  sqrt(): Node {
    return build.sqrt(this);
  }
  exp(): Node {
    return build.exp(this);
  }
  log(): Node {
    return build.log(this);
  }
  matmul(other: Node): Node {
    return build.matmul(this, other);
  }
  sum(axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.sum(this, axes, options);
  }
  mean(axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.mean(this, axes, options);
  }
  max(axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.max(this, axes, options);
  }
  min(axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.min(this, axes, options);
  }
  /** Euclidean norm. */
  norm(axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.norm(this, axes, options);
  }
  gt(other: Operand): Node {
    return build.greater(this, other);
  }
  ge(other: Operand): Node {
    return build.greaterEqual(this, other);
  }
  lt(other: Operand): Node {
    return build.less(this, other);
  }
  le(other: Operand): Node {
    return build.lessEqual(this, other);
  }
  reshape(shape: Shape): Node {
    return build.reshape(this, shape);
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

export const isLeaf = (node: Node): node is Node<LeafName> => !isOperator(node) && !is(node, 'iterate');
const isOperator = (node: Node): node is Node<OperatorName> => node.op in operators;

/** The same operation on other operands of the same types. */
export function withOperands(node: Node, operands: readonly Node[]): Node {
  if (isLeaf(node) || operands.every((operand, i) => operand === node.operands[i])) return node;
  return make(node.op as OperatorName, operands, node.attributes as never);
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

function leaf<O extends LeafName>(op: O, attributes: Attributes[O], shape: Shape, dtype: DType = 'float'): Node<O> {
  return new Node(op, [], attributes, shape, dtype);
}

export interface InputOptions {
  /** A number where the size is known, a name where sizes of several inputs are equal, undefined for any size. */
  shape?: readonly (Dim | undefined)[];
}

function input(kind: string, name: string, rank: number, options: InputOptions = {}): Node<'input'> {
  const where = `${kind} ${nameOf(kind, name)}`;
  optionsOf(where, options, ['shape']);
  const { shape = new Array<undefined>(rank).fill(undefined) } = options;
  shapeOf(where, shape);
  if (shape.length !== rank) {
    throw new ShapeError(`${name} has ${rank} dimensions, but its shape is given as ${formatShape(shape.map(String))}`);
  }
  return leaf(
    'input',
    { name },
    shape.map((dim, axis) => dim ?? `${name}.${axis}`),
  );
}

/** A matrix that every run is given. Its values are of the run's precision. */
export const matrix = (name: string, options?: InputOptions): Node<'input'> => input('matrix', name, 2, options);
export const vector = (name: string, options?: InputOptions): Node<'input'> => input('vector', name, 1, options);
export const scalar = (name: string): Node<'input'> => input('scalar', name, 0);
/** An input of any rank. */
export const placeholder = (name: string, shape: readonly (Dim | undefined)[]): Node<'input'> =>
  input('placeholder', name, shapeOf('placeholder', shape).length, { shape });

/** A scalar with a value of its own at each step of a run, e.g. a step length that shrinks. */
export const sequence = (name: string): Node<'sequence'> => leaf('sequence', { name: nameOf('sequence', name) }, []);

/**
 * A value that updates change and that is carried on from run to run. `shape` may name sizes, so that values of
 * another size can be set later; by default the sizes are those of `initial`.
 */
export function shared(initial: Tensor, name: string, options: { shape?: Shape } = {}): Node<'shared'> {
  const where = `shared ${nameOf('shared', name)}`;
  optionsOf(where, options, ['shape']);
  tensorOf(where, initial, 'the initial value');
  const { shape = initial.shape } = options;
  shapeOf(where, shape);
  if (shape.length !== initial.shape.length || !shape.every((dim, axis) => mayEqual(dim, initial.shape[axis] ?? 1))) {
    throw new ShapeError(`${name}: initial value ${formatShape(initial.shape)} is not of shape ${formatShape(shape)}`);
  }
  return leaf('shared', { name, initial }, shape);
}

const scalars = new Map<string, WeakRef<Node<'constant'>>>();
const tensors = new WeakMap<Tensor, Node<'constant'>>();

/** A fixed value. Equal numbers, and the same tensor object, are the same node. */
export function constant(value: number | Tensor): Node<'constant'> {
  if (typeof value !== 'number') {
    const known = tensors.get(tensorOf('constant', value, 'the value'));
    if (known) return known;
    const node = leaf('constant', { value }, value.shape);
    tensors.set(value, node);
    return node;
  }
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

/** A variable of a loop of so many turns, which the loop gives a value at each. Made by `iterate`. */
export const state = (name: string, turns: number, like: Node): Node<'state'> =>
  leaf('state', { name, turns }, like.shape, like.dtype);

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
