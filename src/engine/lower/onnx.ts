import protobuf from 'protobufjs/minimal';

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
  node: readonly NodeProto[];
  initializer: readonly TensorProto[];
  input: readonly ValueInfoProto[];
  output: readonly ValueInfoProto[];
}

export const valueInfo = (
  name: string,
  elemType: ElementType,
  shape?: readonly (number | string)[],
): ValueInfoProto => ({ name, elemType, shape });

const arrays: Readonly<Record<ElementType, (values: ArrayLike<number>) => ArrayBufferView<ArrayBuffer>>> = {
  [ElementType.float32]: (values) => Float32Array.from(values),
  [ElementType.int64]: (values) => BigInt64Array.from(Array.from(values, BigInt)),
  [ElementType.bool]: (values) => Uint8Array.from(values),
  [ElementType.float64]: (values) => Float64Array.from(values),
};

/** Raw bytes of numbers in an element type; ONNX is little-endian, as is every machine that ONNX Runtime runs on. */
export const rawTensor = (dataType: ElementType, values: ArrayLike<number>, dims: readonly number[]): TensorProto => ({
  dims,
  dataType,
  rawData: new Uint8Array(arrays[dataType](values).buffer),
});

/** Opset 18 of ONNX: every ONNX Runtime provider that the engine uses implements it. Field numbers as in onnx.proto (1.16). */
export function encodeModel(graph: GraphProto): Uint8Array {
  const opsets = Object.entries({ '': 18, 'com.microsoft': 1 }).map(([domain, version]) => ({ 1: domain, 2: version }));
  const model = { 1: 8, 2: 'factorlens', 7: graphMessage(graph), 8: opsets };
  // In Node the library gives a Buffer, which is more than is asked for.
  return new Uint8Array(write(protobuf.Writer.create(), model).finish());
}

const graphMessage = ({ node, name, initializer, input, output }: GraphProto): Message => ({
  1: node.map(nodeMessage),
  2: name,
  5: initializer.map(tensorMessage),
  11: input.map(valueInfoMessage),
  12: output.map(valueInfoMessage),
});

const nodeMessage = ({ input, output, opType, attributes, domain }: NodeProto): Message => ({
  1: input,
  2: output,
  4: opType,
  5: Object.entries(attributes).map(([name, value]) => ({ 1: name, ...attributeValue(value) })),
  7: domain,
});

/** The field of an attribute's value, and the number of its type, which is a field of its own. */
function attributeValue(value: AttributeValue): Message {
  if (typeof value === 'number') return { 3: value, 20: 2 };
  if (typeof value === 'string') return { 4: value, 20: 3 };
  if ('float' in value) return { 2: Float32Array.of(value.float), 20: 1 };
  if ('tensor' in value) return { 5: tensorMessage(value.tensor), 20: 4 };
  if ('graph' in value) return { 6: graphMessage(value.graph), 20: 5 };
  return { 8: value, 20: 7 };
}

const tensorMessage = ({ dims, dataType, name, rawData }: TensorProto): Message => ({
  1: dims,
  2: dataType,
  8: name,
  9: rawData,
});

function valueInfoMessage({ name, elemType, shape }: ValueInfoProto): Message {
  const sizes = shape?.map((size) => (typeof size === 'number' ? { 1: size } : { 2: size }));
  return { 1: name, 2: { 1: { 1: elemType, 2: sizes && { 1: sizes } } } };
}

/** A whole number as int64, a text, bytes, one number as float32, or a message. */
type Value = number | string | Uint8Array | Float32Array | Message;
/** Values by the numbers of their fields; a list is a field for each. */
interface Message {
  readonly [field: string]: Value | readonly Value[] | undefined;
}
const wire = { varint: 0, delimited: 2, fixed32: 5 } as const;

/**
 * Writes a message with protobuf.js's own writer. From a schema the library would first generate code, which takes longer
 * than a program's whole translation.
 */
function write(w: protobuf.Writer, message: Message): protobuf.Writer {
  for (const field in message) {
    const values = message[field];
    if (!isList(values)) writeField(w, Number(field), values);
    else for (const value of values) writeField(w, Number(field), value);
  }
  return w;
}

function writeField(w: protobuf.Writer, field: number, value: Value | undefined): void {
  if (typeof value === 'number') w.uint32(field * 8 + wire.varint).int64(value);
  else if (typeof value === 'string') w.uint32(field * 8 + wire.delimited).string(value);
  else if (value instanceof Uint8Array) w.uint32(field * 8 + wire.delimited).bytes(value);
  else if (value instanceof Float32Array) w.uint32(field * 8 + wire.fixed32).float(value[0]!);
  else if (value) write(w.uint32(field * 8 + wire.delimited).fork(), value).ldelim();
}

const isList = (values: Message[string]): values is readonly Value[] => Array.isArray(values);
