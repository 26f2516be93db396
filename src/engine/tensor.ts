export type FloatArray = Float32Array | Float64Array;

/** Row-major values with their shape. The engine never writes to one and may keep a reference: treat it as immutable. */
export interface Tensor {
  readonly data: FloatArray;
  readonly shape: readonly number[];
}
