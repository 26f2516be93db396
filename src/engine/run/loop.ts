import type * as Onnx from 'onnxruntime-node';
import { STEPS } from '../lower/program';
import type { StepNames } from '../step-program';
import type { FloatArray, Tensor } from '../tensor';
import type { Execution } from './execution';
import { Uploads, type Precision } from './values';

/** Runs a program whose steps are one `Loop`: a run is one call, however many steps it takes. */
export class LoopExecution implements Execution {
  private readonly uploads: Uploads;
  private readonly values = new Map<string, Onnx.Tensor>();

  constructor(
    ort: typeof Onnx,
    private readonly session: Onnx.InferenceSession,
    private readonly names: StepNames,
    initial: ReadonlyMap<string, Tensor>,
    precision: Precision,
  ) {
    this.uploads = new Uploads(ort, precision);
    for (const [name, value] of initial) this.set(name, value);
  }

  async run(
    inputs: ReadonlyMap<string, Tensor>,
    sequences: ReadonlyMap<string, Float64Array>,
    steps: number,
  ): Promise<ReadonlyMap<string, FloatArray>> {
    const feeds: Record<string, Onnx.Tensor> = { [STEPS]: this.uploads.steps(steps) };
    for (const [name, value] of inputs) feeds[name] = this.uploads.of(value);
    for (const [name, values] of sequences) feeds[name] = this.uploads.tensor(values, [steps]);
    for (const [name, value] of this.values) feeds[name] = value;
    const results = await this.session.run(feeds);
    const result = (name: string): Onnx.Tensor => {
      const value = results[`${name}_after`];
      if (!value) throw new Error(`ONNX Runtime gave no ${name}`);
      return value;
    };
    for (const name of this.names.changing) this.values.set(name, result(name));
    return new Map(this.names.outputs.map(({ name }) => [name, result(name).data as FloatArray]));
  }

  get(name: string): Promise<Tensor> {
    const { data, dims } = this.value(name);
    return Promise.resolve({ data: data as FloatArray, shape: dims });
  }

  set(name: string, value: Tensor): void {
    this.values.set(name, this.uploads.of(value));
  }

  shapeOf(name: string): readonly number[] {
    return this.value(name).dims;
  }

  async dispose(): Promise<void> {
    await this.session.release();
    this.values.clear();
  }

  private value(name: string): Onnx.Tensor {
    const value = this.values.get(name);
    if (!value) throw new Error(`${name} is no shared value of this program, or the program was disposed`);
    return value;
  }
}
