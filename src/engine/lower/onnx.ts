import { ProtobufWriter } from './protobuf';

/** Element types of ONNX that the engine uses. */
export const ElementType = { float32: 1, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

export interface TensorProto {
  name?: string;
  dims: readonly number[];
  dataType: ElementType;
  rawData: Uint8Array;
}
/** A whole number, a list of them, text, or what its key says. */
export type AttributeValue =
  number | string | readonly number[] | { float: number } | { tensor: TensorProto } | { graph: GraphProto };

export interface NodeProto {
  opType: string;
  domain?: string;
  input: readonly string[];
  output: readonly string[];
  attributes: Readonly<Record<string, AttributeValue>>;
}
export interface ValueInfoProto {
  name: string;
  elemType: ElementType;
  /** Sizes that are known are numbers, others have names; absent where not even the rank is told. */
  shape?: readonly (number | string)[] | undefined;
}
export interface GraphProto {
  name: string;
  node: NodeProto[];
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

export const valueInfo = (
  name: string,
  elemType: ElementType,
  shape?: readonly (number | string)[],
): ValueInfoProto => ({ name, elemType, shape });

/** Raw bytes of numbers in an element type; ONNX is little-endian, as is every machine that ONNX Runtime runs on. */
export function rawTensor(dataType: ElementType, values: ArrayLike<number>, dims: readonly number[]): TensorProto {
  const array =
    dataType === ElementType.int64
      ? BigInt64Array.from({ length: values.length }, (_, at) => BigInt(values[at]!))
      : dataType === ElementType.bool
        ? Uint8Array.from(values)
        : dataType === ElementType.float32
          ? Float32Array.from(values)
          : Float64Array.from(values);
  return { dims, dataType, rawData: new Uint8Array(array.buffer) };
}

/** Opset 18 of ONNX: every ONNX Runtime provider that the engine uses implements it. Field numbers as in onnx.proto (1.16). */
export function encodeModel(graph: GraphProto): Uint8Array {
  const w = new ProtobufWriter();
  w.integer(1, 8); // The version of the format.
  w.text(2, 'factorlens');
  w.message(7, () => writeGraph(w, graph));
  for (const [domain, version] of Object.entries({ '': 18, 'com.microsoft': 1 })) {
    w.message(8, () => {
      w.text(1, domain);
      w.integer(2, version);
    });
  }
  return w.end();
}

function writeGraph(w: ProtobufWriter, { node, name, initializer, input, output }: GraphProto): void {
  for (const one of node) w.message(1, () => writeNode(w, one));
  w.text(2, name);
  for (const tensor of initializer) w.message(5, () => writeTensor(w, tensor));
  for (const value of input) w.message(11, () => writeValueInfo(w, value));
  for (const value of output) w.message(12, () => writeValueInfo(w, value));
}

function writeNode(w: ProtobufWriter, { input, output, opType, attributes, domain }: NodeProto): void {
  for (const name of input) w.text(1, name);
  for (const name of output) w.text(2, name);
  w.text(4, opType);
  for (const [name, value] of Object.entries(attributes)) {
    w.message(5, () => {
      w.text(1, name);
      w.integer(20, writeValue(w, value));
    });
  }
  if (domain !== undefined) w.text(7, domain);
}

/** The fields of an attribute's value. @returns the number of its type, which is a field of its own */
function writeValue(w: ProtobufWriter, value: AttributeValue): number {
  if (typeof value === 'number') {
    w.integer(3, value);
    return 2;
  }
  if (typeof value === 'string') {
    w.text(4, value);
    return 3;
  }
  if ('float' in value) {
    w.float(2, value.float);
    return 1;
  }
  if ('tensor' in value) {
    w.message(5, () => writeTensor(w, value.tensor));
    return 4;
  }
  if ('graph' in value) {
    w.message(6, () => writeGraph(w, value.graph));
    return 5;
  }
  for (const one of value) w.integer(8, one);
  return 7;
}

function writeTensor(w: ProtobufWriter, { dims, dataType, name, rawData }: TensorProto): void {
  for (const dim of dims) w.integer(1, dim);
  w.integer(2, dataType);
  if (name !== undefined) w.text(8, name);
  w.raw(9, rawData);
}

function writeValueInfo(w: ProtobufWriter, { name, elemType, shape }: ValueInfoProto): void {
  w.text(1, name);
  const writeShape = (sizes: readonly (number | string)[]): void => {
    for (const size of sizes) {
      w.message(1, () => (typeof size === 'number' ? w.integer(1, size) : w.text(2, size)));
    }
  };
  w.message(2, () =>
    w.message(1, () => {
      w.integer(1, elemType);
      if (shape) w.message(2, () => writeShape(shape));
    }),
  );
}
