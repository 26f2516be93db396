import { operators } from './ops/operators';
import type { Attributes, LeafName, OperatorName } from './ops/attributes';
import * as build from './functions';
import { formatShape, ShapeError, type Dim, type Shape } from './shape';
import type { Tensor } from './tensor';

/** Numbers of the run's precision, or truth values. Indices are whole numbers held as floats: exact to 2²⁴ in float32. */
export type DType = 'float' | 'bool';

/** What the graph's functions take: a node, or a number that becomes a constant. */
export type Operand = Node | number;

let nextId = 0;
const interned = new Map<string, WeakRef<Node>>();
const forget = new FinalizationRegistry<string>((key) => {
  if (!interned.get(key)?.deref()) interned.delete(key);
});

/**
 * A symbolic tensor: an operation on other nodes, or a leaf. Immutable and hash-consed: the same operation on the same
 * operands is the same object, so common subexpressions are shared by construction and `===` compares expressions.
 */
export class Node<O extends keyof Attributes = keyof Attributes> {
  /** Grows with every node made, so operands have smaller numbers than their results. */
  readonly id = nextId++;

  constructor(
    readonly op: O,
    readonly operands: readonly Node[],
    readonly attributes: Attributes[O],
    readonly shape: Shape,
    readonly dtype: DType,
  ) {}

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

/** Makes the node of an operation, or finds it. @throws ShapeError naming the operation, its operands and their shapes. */
export function make<O extends OperatorName>(op: O, operands: readonly Node[], attributes: Attributes[O]): Node {
  const key = `${op} ${operands.map((operand) => operand.id).join(' ')} ${attributeKey(attributes)}`;
  const known = interned.get(key)?.deref();
  if (known) return known;
  const type = operators[op].infer(operands, attributes);
  if (typeof type === 'string') {
    const named = operands.map((operand) => `${describe(operand)} ${formatShape(operand.shape)}`);
    throw new ShapeError(`${op}(${named.join(', ')}): ${type}`);
  }
  const node = new Node(op, operands, attributes, type.shape, type.dtype);
  interned.set(key, new WeakRef<Node>(node));
  forget.register(node, key);
  return node;
}

function attributeKey(attributes: object): string {
  return JSON.stringify(attributes, (_, value: unknown) => {
    if (value instanceof Node) return `node ${value.id}`;
    return value;
  });
}

/** Whether a node is a leaf of that kind or the result of that operation; narrows its attributes. */
export function is<O extends keyof Attributes>(node: Node, op: O): node is Node<O> {
  return node.op === op;
}

export const isLeaf = (node: Node): node is Node<LeafName> => !(node.op in operators);

/** Nodes that `roots` need, operands before results. */
export function topological(roots: readonly Node[], operandsOf = dependencies): Node[] {
  const seen = new Set<Node>();
  const order: Node[] = [];
  // An explicit stack: unrolled loops make graphs deeper than the call stack.
  const stack = roots.map((node) => ({ node, expanded: false })).reverse();
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.expanded) {
      order.push(top.node);
    } else if (!seen.has(top.node)) {
      seen.add(top.node);
      stack.push({ node: top.node, expanded: true });
      for (const operand of operandsOf(top.node).toReversed()) stack.push({ node: operand, expanded: false });
    }
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

function input(name: string, rank: number, options: InputOptions = {}): Node<'input'> {
  const { shape = new Array<undefined>(rank).fill(undefined) } = options;
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
export const matrix = (name: string, options?: InputOptions): Node<'input'> => input(name, 2, options);
export const vector = (name: string, options?: InputOptions): Node<'input'> => input(name, 1, options);
export const scalar = (name: string): Node<'input'> => input(name, 0);
/** An input of any rank. */
export const placeholder = (name: string, shape: readonly (Dim | undefined)[]): Node<'input'> =>
  input(name, shape.length, { shape });

/** A scalar with a value of its own at each step of a run, e.g. a step length that shrinks. */
export const sequence = (name: string): Node<'sequence'> => leaf('sequence', { name }, []);

/**
 * A value that updates change and that is carried on from run to run. `shape` may name sizes, so that values of
 * another size can be set later; by default the sizes are those of `initial`.
 */
export function shared(initial: Tensor, name: string, options: { shape?: Shape } = {}): Node<'shared'> {
  const { shape = initial.shape } = options;
  if (shape.length !== initial.shape.length) {
    throw new ShapeError(`${name}: initial value ${formatShape(initial.shape)} is not of shape ${formatShape(shape)}`);
  }
  return leaf('shared', { name, initial }, shape);
}

const scalars = new Map<string, WeakRef<Node<'constant'>>>();
const tensors = new WeakMap<Tensor, Node<'constant'>>();

/** A fixed value. Equal numbers, and the same tensor object, are the same node. */
export function constant(value: number | Tensor): Node<'constant'> {
  if (typeof value !== 'number') {
    const known = tensors.get(value);
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

/** A loop's variable, given at each turn by the loop. */
export const state = (name: string, like: Node): Node<'state'> => leaf('state', { name }, like.shape, like.dtype);

/** An expression as text, cut after a few levels. */
export function describe(node: Node, depth = 3): string {
  if (is(node, 'constant')) return String(numberOf(node) ?? `constant${formatShape(node.shape)}`);
  if (isLeaf(node)) return 'name' in node.attributes ? node.attributes.name : node.op;
  if (depth === 0) return '…';
  return `${node.op}(${node.operands.map((operand) => describe(operand, depth - 1)).join(', ')})`;
}
