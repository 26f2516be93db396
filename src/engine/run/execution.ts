import type * as Onnx from 'onnxruntime-node';
import { after, STEPS, type StepNames } from '../lower/program';
import { formatShape, ShapeError, sizeOf } from '../shape';
import type { FloatArray, Tensor } from '../tensor';
import type { Precision } from './session';

/** What has not been disposed: a process that ends with a graphics device in use may crash on its way out. */
const open = new Set<Execution>();

/** Frees the programs that are in use. */
export async function disposeOpen(): Promise<void> {
  await Promise.all(Array.from(open, (execution) => execution.dispose()));
}

/**
 * A lowered program on some device, with the current values of its shared nodes. Values go by the names that the program
 * gives them.
 */
export abstract class Execution {
  /** Shared values. */
  protected readonly values = new Map<string, Onnx.Tensor>();
  private readonly known = new WeakMap<Tensor, Onnx.Tensor>();

  constructor(
    protected readonly ort: typeof Onnx,
    private readonly precision: Precision,
    protected readonly names: StepNames,
    initial: ReadonlyMap<string, Tensor>,
  ) {
    for (const [name, value] of initial) this.set(name, value);
    open.add(this);
  }

  /**
   * Takes some steps.
   * @param inputs a tensor given again need not be copied again
   * @param sequences `steps` values each
   * @returns of scalar outputs one value a step, of any other its values at the last step
   */
  abstract run(
    inputs: ReadonlyMap<string, Tensor>,
    sequences: ReadonlyMap<string, Float64Array>,
    steps: number,
  ): Promise<ReadonlyMap<string, FloatArray>>;

  get(name: string): Promise<Tensor> {
    const { data, dims } = this.value(name);
    return Promise.resolve({ data: data as FloatArray, shape: dims });
  }

  set(name: string, value: Tensor): void {
    this.replace(name, this.upload(value));
  }

  /** The shape of a shared value, which its device need not be asked for. */
  shapeOf(name: string): readonly number[] {
    return this.value(name).dims;
  }

  /** Frees what is native. Nothing can be run afterwards. */
  async dispose(): Promise<void> {
    open.delete(this);
    for (const value of this.values.values()) discard(value);
    this.values.clear();
    await this.release();
  }

  protected abstract release(): Promise<void>;

  protected value(name: string): Onnx.Tensor {
    const value = this.values.get(name);
    if (!value) throw new Error(`${name} is no shared value of this program, or the program was disposed`);
    return value;
  }

  protected replace(name: string, value: Onnx.Tensor): void {
    const old = this.values.get(name);
    if (old && old !== value) discard(old);
    this.values.set(name, value);
  }

  /** The same tensor of ours is the same tensor of ONNX Runtime's. */
  protected upload(value: Tensor): Onnx.Tensor {
    const uploaded = this.known.get(value) ?? this.tensor(value.data, value.shape);
    this.known.set(value, uploaded);
    return uploaded;
  }

  /** ONNX Runtime reads typed arrays where they lie; only another precision makes a copy. */
  protected tensor(data: FloatArray, shape: readonly number[]): Onnx.Tensor {
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(`${data.length} values do not fill a tensor of shape ${formatShape(shape)}`);
    }
    return this.precision === 'float32'
      ? new this.ort.Tensor('float32', data instanceof Float32Array ? data : Float32Array.from(data), shape)
      : new this.ort.Tensor('float64', data instanceof Float64Array ? data : Float64Array.from(data), shape);
  }
}

/** Buffers of the device are freed by hand; memory of the host belongs to whoever gave it. */
export function discard(value: Onnx.Tensor): void {
  if (value.location !== 'cpu') value.dispose();
}

export function resultOf(results: Onnx.InferenceSession.OnnxValueMapType, name: string): Onnx.Tensor {
  const value = results[name];
  if (!value) throw new Error(`ONNX Runtime gave no ${name}`);
  return value;
}

/** Runs a program whose steps are one `Loop`: a run is one call, however many steps it takes. */
export class LoopExecution extends Execution {
  constructor(
    private readonly session: Onnx.InferenceSession,
    ...program: ConstructorParameters<typeof Execution>
  ) {
    super(...program);
  }

  async run(
    inputs: ReadonlyMap<string, Tensor>,
    sequences: ReadonlyMap<string, Float64Array>,
    steps: number,
  ): Promise<ReadonlyMap<string, FloatArray>> {
    const { changing, traced, last } = this.names;
    const feeds: Record<string, Onnx.Tensor> = {
      [STEPS]: new this.ort.Tensor('int64', BigInt64Array.of(BigInt(steps)), []),
    };
    for (const [name, value] of inputs) feeds[name] = this.upload(value);
    for (const [name, values] of sequences) feeds[name] = this.tensor(values, [steps]);
    for (const [name, value] of this.values) feeds[name] = value;
    const results = await this.session.run(feeds);
    for (const name of changing) this.replace(name, resultOf(results, after(name)));
    return new Map([...traced, ...last].map((name) => [name, resultOf(results, after(name)).data as FloatArray]));
  }

  protected release(): Promise<void> {
    return this.session.release();
  }
}
