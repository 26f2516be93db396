import type * as Onnx from 'onnxruntime-node';
import { formatShape, ShapeError, sizeOf } from '../shape';
import type { FloatArray, Tensor } from '../tensor';

export type Precision = 'float32' | 'float64';

/** Makes ONNX Runtime's tensors of ours. */
export class Uploads {
  private readonly known = new WeakMap<Tensor, Onnx.Tensor>();

  constructor(
    private readonly ort: typeof Onnx,
    private readonly precision: Precision,
  ) {}

  /** The same tensor of ours is the same tensor of ONNX Runtime's. */
  of(value: Tensor): Onnx.Tensor {
    const known = this.known.get(value);
    if (known) return known;
    const uploaded = this.tensor(value.data, value.shape);
    this.known.set(value, uploaded);
    return uploaded;
  }

  /** ONNX Runtime reads typed arrays where they lie; only another precision makes a copy. */
  tensor(data: FloatArray, shape: readonly number[]): Onnx.Tensor {
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(`${data.length} values do not fill a tensor of shape ${formatShape(shape)}`);
    }
    return this.precision === 'float32'
      ? new this.ort.Tensor('float32', data instanceof Float32Array ? data : Float32Array.from(data), shape)
      : new this.ort.Tensor('float64', data instanceof Float64Array ? data : Float64Array.from(data), shape);
  }

  steps(count: number): Onnx.Tensor {
    return new this.ort.Tensor('int64', BigInt64Array.of(BigInt(count)), []);
  }
}
