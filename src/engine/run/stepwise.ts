import type * as Onnx from 'onnxruntime-node';
import { ModelBuilder } from '../lower/emitter';
import { ElementType, encodeModel, valueInfo } from '../lower/onnx';
import { after } from '../lower/program';
import type { FloatArray, Tensor } from '../tensor';
import { discard, Execution, resultOf } from './execution';

/** Sessions of what no step changes, if there is anything, of a step, and of `readerModel`, which stays open. */
export interface StepSessions {
  readonly once: Onnx.InferenceSession | undefined;
  readonly step: Onnx.InferenceSession;
  readonly reader: Onnx.InferenceSession;
}

/**
 * Runs a program a step at a time, its values kept where they are computed: on a device with buffers of its own only
 * scalar outputs cross to the host at each step. (A `Loop` on WebGPU would copy every value from outside it to the device
 * again at each turn.)
 */
export class StepwiseExecution extends Execution {
  /** What steps use and do not change, and what it was made from. */
  private kept: Readonly<Record<string, Onnx.Tensor>> = {};
  private keptFrom: readonly Onnx.Tensor[] | undefined;

  constructor(
    private readonly sessions: StepSessions,
    ...program: ConstructorParameters<typeof Execution>
  ) {
    super(...program);
  }

  async run(
    inputs: ReadonlyMap<string, Tensor>,
    sequences: ReadonlyMap<string, Float64Array>,
    steps: number,
  ): Promise<ReadonlyMap<string, FloatArray>> {
    await this.keep(inputs);
    const { changing, traced, last, width } = this.names;
    const outputs = new Map<string, FloatArray>(traced.map((name) => [name, new Float32Array(steps * width)]));
    for (let k = 0; k < steps; k++) {
      const feeds: Record<string, Onnx.Tensor> = { ...this.kept };
      for (const name of changing) feeds[name] = this.value(name);
      for (const [name, values] of sequences) feeds[name] = this.tensor(values.subarray(k, k + 1), []);
      const ending = k === steps - 1 ? last : [];
      const results = await this.sessions.step.run(feeds, [...changing, ...traced, ...ending].map(after));
      const dataOf = (name: string): Float32Array => resultOf(results, after(name)).data as Float32Array;
      for (const name of changing) this.replace(name, resultOf(results, after(name)));
      for (const name of traced) outputs.get(name)?.set(dataOf(name), k * width);
      for (const name of ending) outputs.set(name, dataOf(name));
    }
    return outputs;
  }

  override async get(name: string): Promise<Tensor> {
    const value = this.value(name);
    if (value.location === 'cpu') return super.get(name);
    // Reading a tensor on the device by itself (`getData`) aborts the process; an Identity that answers on the host does not.
    const { data } = resultOf(await this.sessions.reader.run({ value }), 'copy');
    return { data: data as Float32Array, shape: value.dims };
  }

  protected async release(): Promise<void> {
    this.forget();
    await this.sessions.once?.release();
    await this.sessions.step.release();
  }

  /** Makes what steps use and do not change, unless it is there already. */
  private async keep(inputs: ReadonlyMap<string, Tensor>): Promise<void> {
    const { once } = this.sessions;
    if (!once) return;
    const feeds: Record<string, Onnx.Tensor> = {};
    for (const name of once.inputNames) {
      const input = inputs.get(name);
      feeds[name] = input ? this.upload(input) : this.value(name);
    }
    const from = Object.values(feeds);
    if (this.keptFrom && from.every((value, k) => value === this.keptFrom?.[k])) return;
    this.forget();
    this.kept = await once.run(feeds);
    this.keptFrom = from;
  }

  private forget(): void {
    for (const value of Object.values(this.kept)) discard(value);
    this.kept = {};
    this.keptFrom = undefined;
  }
}

/** A model whose result, `copy`, is a copy of what it is given, of any shape: for reading values of a device. */
export function readerModel(): Uint8Array {
  const model = new ModelBuilder('float32');
  const float = ElementType.float32;
  model.root.into('Identity', [model.input('value', float)], ['copy']);
  return encodeModel(model.graph('copy', [valueInfo('copy', float)]));
}
