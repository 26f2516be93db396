import { describe, is, type Node } from '../graph';
import { remembered } from '../remember';
import { isKnown, type Dim, type Shape, type Sizes } from '../shape';
import type { FloatArray } from '../tensor';
import {
  ElementType,
  rawTensor,
  valueInfo,
  type AttributeValue,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx';

/** How to write an operation that a device lacks by those that it has; answers with the result's name. */
export type Replacement = (
  emitter: Emitter,
  input: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>>,
) => string;
export type Replacements = Readonly<Partial<Record<string, Replacement>>>;

/** What is known when a model is written for one device and one use. */
export interface Target {
  /** Operations that the device lacks. */
  readonly replacements?: Replacements;
  /** Compute both alternatives of an `ifElse` and select: for devices whose host would have to ask them which to take. */
  readonly selects?: boolean;
  /** Named sizes that need not be read from the inputs. */
  readonly sizes?: Sizes;
}

/**
 * What all graphs of one model share: names, the inputs and constants of the outermost graph, and where sizes come from.
 * `root` is the emitter of the outermost graph; nested graphs see its values.
 */
export class ModelBuilder {
  readonly root = new Emitter(this);
  readonly selects: boolean;
  /** The graphs that values stand in, where that is known. */
  readonly homes = new Map<string, Emitter>();
  private readonly inputs: ValueInfoProto[] = [];
  private readonly initializers: TensorProto[] = [];
  private readonly constants = new Map<string, string>();
  private readonly sizes = new Map<string, string>();
  /** Where a named size can be read during a run: an axis of an input. */
  private readonly carriers = new Map<string, { readonly input: string; readonly axis: number }>();
  private count = 0;

  constructor(
    readonly precision: 'float32' | 'float64',
    readonly target: Target = {},
  ) {
    this.selects = target.selects === true;
  }

  get floatType(): ElementType {
    return ElementType[this.precision];
  }

  typeOf({ dtype }: Node): ElementType {
    return dtype === 'bool' ? ElementType.bool : this.floatType;
  }

  fresh(stem: string): string {
    return `${stem}_${this.count++}`;
  }

  /** An input of the model, which tells the sizes that its shape names. @returns its name */
  input(name: string, type: ElementType, shape?: Shape): string {
    this.inputs.push(valueInfo(name, type, shape));
    this.homes.set(name, this.root);
    for (const [axis, dim] of (shape ?? []).entries()) {
      if (typeof dim === 'string' && !this.carriers.has(dim)) this.carriers.set(dim, { input: name, axis });
    }
    return name;
  }

  constant(type: ElementType, values: ArrayLike<number>, dims: readonly number[]): string {
    const make = (): string => {
      const name = this.fresh('constant');
      this.initializers.push({ ...rawTensor(type, values, dims), name });
      return name;
    };
    if (values.length > 64) return make();
    const key = `${type}:${dims.join()}:${Array.from(values, (x) => (Object.is(x, -0) ? '-0' : x)).join()}`;
    return remembered(this.constants, key, make);
  }

  /** Sizes with numbers in the place of the names that are known. */
  resolve(dims: Shape): Shape {
    return dims.map((dim) => (typeof dim === 'number' ? dim : (this.target.sizes?.get(dim) ?? dim)));
  }

  /** A named size as an int64 vector of one element. */
  size(dim: Dim): string {
    if (typeof dim === 'number') return this.constant(ElementType.int64, [dim], [1]);
    return remembered(this.sizes, dim, () => this.sizeFromInputs(dim));
  }

  private sizeFromInputs(dim: string): string {
    const carrier = this.carriers.get(dim);
    if (carrier) return this.root.node('Shape', [carrier.input], { start: carrier.axis, end: carrier.axis + 1 });
    // What is put together of several is as long as all of them, and named so.
    const [first = '', ...others] = dim.split('+').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    if (others.length === 0) throw new Error(`the size ${dim} belongs to no input`);
    return others.reduce<string>((sum, part) => this.root.node('Add', [sum, this.size(part)]), this.size(first));
  }

  /** The outermost graph as a whole, with what was written to it. */
  graph(name: string, output: readonly ValueInfoProto[]): GraphProto {
    return { name, node: this.root.nodes, initializer: this.initializers, input: this.inputs, output };
  }
}

/** Writes the nodes of one graph: the outermost, or the body of a loop or branch, which sees the values around it. */
export class Emitter {
  readonly nodes: NodeProto[] = [];
  /** What expressions are called here. */
  readonly names = new Map<Node, string>();
  private readonly made = new Map<string, string>();

  /** @param keeps what may not move out of it to the graphs around */
  constructor(
    readonly model: ModelBuilder,
    private readonly parent?: Emitter,
    private readonly keeps: (node: Node) => boolean = () => true,
  ) {}

  /** Writes the nodes of a graph nested in this one. */
  child(keeps?: (node: Node) => boolean): Emitter {
    return new Emitter(this.model, this, keeps);
  }

  /** The graph that an expression has been written to, as seen from here. */
  homeOf(node: Node): Emitter | undefined {
    return this.names.has(node) ? this : this.parent?.homeOf(node);
  }

  /** The outermost graph around this one that an expression can be written to. */
  placeOf(node: Node): Emitter {
    return this.parent && !this.keeps(node) ? this.parent.placeOf(node) : this;
  }

  /** How an expression is called. */
  nameOf(node: Node): string {
    const name = this.homeOf(node)?.names.get(node);
    if (name !== undefined) return name;
    throw new Error(
      is(node, 'state')
        ? `${describe(node)} is used outside of its loop`
        : `${describe(node)} is used, but is neither an input nor shared nor a sequence`,
    );
  }

  /** A node of one result; answers with the result's name. A name like `com.microsoft.Gelu` carries its domain. */
  node(type: string, input: readonly string[], attributes: Record<string, AttributeValue> = {}): string {
    const replacement = this.model.target.replacements?.[type];
    if (replacement) return replacement(this, input, attributes);
    const output = this.model.fresh(type.slice(type.lastIndexOf('.') + 1));
    this.into(type, input, [output], attributes);
    return output;
  }

  /**
   * The same, made once in the graph where the first operand stands, however often it is asked for: within a loop that
   * does not change the operand it is not made again at each turn. All other operands are constants.
   */
  once(type: string, input: readonly string[], attributes: Record<string, AttributeValue> = {}): string {
    const home = this.model.homes.get(input[0] ?? '') ?? this;
    const key = `${type} ${input.join(' ')} ${JSON.stringify(attributes)}`;
    return remembered(home.made, key, () => home.node(type, input, attributes));
  }

  /** A node whose results have given names. */
  into(
    type: string,
    input: readonly string[],
    output: readonly string[],
    attributes: Record<string, AttributeValue> = {},
  ): void {
    const dot = type.lastIndexOf('.');
    for (const name of output) this.model.homes.set(name, this);
    this.nodes.push({
      opType: type.slice(dot + 1),
      ...(dot < 0 ? {} : { domain: type.slice(0, dot) }),
      input,
      output,
      attributes,
    });
  }

  number(value: number): string {
    return this.model.constant(this.model.floatType, [value], []);
  }

  values(data: FloatArray, shape: readonly number[]): string {
    return this.model.constant(this.model.floatType, data, shape);
  }

  /** An int64 vector. */
  integers(values: readonly number[]): string {
    return this.model.constant(ElementType.int64, values, [values.length]);
  }

  /** Sizes as an int64 vector, read from the inputs where they are named. */
  shape(dims: Shape): string {
    const sizes = this.model.resolve(dims);
    if (isKnown(sizes)) return this.integers(sizes);
    return this.model.root.node(
      'Concat',
      sizes.map((dim) => this.model.size(dim)),
      { axis: 0 },
    );
  }

  /** A number of the run's precision, from any element type. */
  toFloat(x: string): string {
    return this.node('Cast', [x], { to: this.model.floatType });
  }

  /** Whole numbers, held as floats in the graph, as indices. */
  toInt(x: string): string {
    return this.once('Cast', [x], { to: ElementType.int64 });
  }

  /** Values of the run's precision as float64, for sums whose terms cancel. */
  toDouble(x: string): string {
    return this.model.precision === 'float64' ? x : this.node('Cast', [x], { to: ElementType.float64 });
  }

  double(value: number): string {
    return this.model.constant(ElementType.float64, [value], []);
  }
}
