import type * as Onnx from 'onnxruntime-node';
import { ModelBuilder } from '../lower/emitter';
import type { StepNames } from '../step-program';
import { ElementType, encodeModel, valueInfo } from '../lower/onnx';
import type { LoweredSteps } from '../lower/program';
import type { FloatArray, Tensor } from '../tensor';
import type { Execution } from './execution';
import { Uploads } from './values';

export type CreateSession = (
  model: Uint8Array,
  locations: Readonly<Record<string, Onnx.Tensor.DataLocation>>,
) => Promise<Onnx.InferenceSession>;

/**
 * Runs a program a step at a time, its values kept where they are computed: on a device with buffers of its own only
 * scalar outputs cross to the host at each step. (A `Loop` on WebGPU would copy every value from outside it to the device
 * again at each turn.)
 */
export class StepwiseExecution implements Execution {
  private readonly uploads: Uploads;
  /** Shared values by name: on the device, or on the host until a step has used them. */
  private readonly values = new Map<string, Onnx.Tensor>();
  /** What steps use and do not change, and what it was made from. */
  private kept: Readonly<Record<string, Onnx.Tensor>> = {};
  private keptFrom: readonly Onnx.Tensor[] | undefined;

  private constructor(
    ort: typeof Onnx,
    private readonly once: Onnx.InferenceSession | undefined,
    private readonly step: Onnx.InferenceSession,
    private readonly reader: Onnx.InferenceSession,
    private readonly names: StepNames,
    initial: ReadonlyMap<string, Tensor>,
  ) {
    this.uploads = new Uploads(ort, 'float32');
    for (const [name, value] of initial) this.set(name, value);
  }

  /**
   * @param reader a session of `readerModel`, which stays open
   * @param location where values that no one reads at each step are kept
   */
  static async create(
    ort: typeof Onnx,
    createSession: CreateSession,
    reader: Onnx.InferenceSession,
    lowered: LoweredSteps,
    names: StepNames,
    initial: ReadonlyMap<string, Tensor>,
    location: Onnx.Tensor.DataLocation,
  ): Promise<StepwiseExecution> {
    const at = (all: readonly string[], where: Onnx.Tensor.DataLocation): Record<string, Onnx.Tensor.DataLocation> =>
      Object.fromEntries(all.map((name) => [name, where]));
    const outputs = names.outputs.map(({ name }) => after(name));
    const once = lowered.kept.length > 0 ? await createSession(lowered.once, at(lowered.kept, location)) : undefined;
    const step = await createSession(lowered.step, {
      ...at(names.changing.map(after), location),
      ...at(outputs, 'cpu'),
    });
    return new StepwiseExecution(ort, once, step, reader, names, initial);
  }

  async run(
    inputs: ReadonlyMap<string, Tensor>,
    sequences: ReadonlyMap<string, Float64Array>,
    steps: number,
  ): Promise<ReadonlyMap<string, FloatArray>> {
    await this.keep(inputs);
    const traced = this.names.outputs.filter((output) => output.traced);
    const each = [...this.names.changing, ...traced.map(({ name }) => name)].map(after);
    const { width } = this.names;
    const outputs = new Map<string, FloatArray>(traced.map(({ name }) => [name, new Float32Array(steps * width)]));
    for (let k = 0; k < steps; k++) {
      const feeds: Record<string, Onnx.Tensor> = { ...this.kept };
      for (const name of this.names.changing) feeds[name] = this.value(name);
      for (const [name, values] of sequences) feeds[name] = this.uploads.tensor(values.subarray(k, k + 1), []);
      const last = k === steps - 1;
      const results = await this.step.run(feeds, last ? [...each, ...this.untraced().map(after)] : each);
      for (const name of this.names.changing) this.replace(name, resultOf(results, name));
      for (const { name } of traced) outputs.get(name)?.set(resultOf(results, name).data as Float32Array, k * width);
      if (last) for (const name of this.untraced()) outputs.set(name, resultOf(results, name).data as Float32Array);
    }
    return outputs;
  }

  async get(name: string): Promise<Tensor> {
    const value = this.value(name);
    // Reading a tensor on the device by itself (`getData`) aborts the process; an Identity that answers on the host does not.
    const onHost = value.location === 'cpu' ? value : resultOf(await this.reader.run({ value }), 'copy', false);
    return { data: onHost.data as Float32Array, shape: value.dims };
  }

  set(name: string, value: Tensor): void {
    this.replace(name, this.uploads.of(value));
  }

  shapeOf(name: string): readonly number[] {
    return this.value(name).dims;
  }

  async dispose(): Promise<void> {
    for (const value of [...this.values.values(), ...Object.values(this.kept)]) discard(value);
    this.values.clear();
    this.kept = {};
    this.keptFrom = undefined;
    for (const session of [this.once, this.step]) await session?.release();
  }

  /** Makes what steps use and do not change, unless it is there already. */
  private async keep(inputs: ReadonlyMap<string, Tensor>): Promise<void> {
    if (!this.once) return;
    const feeds: Record<string, Onnx.Tensor> = {};
    for (const name of this.once.inputNames) {
      const input = inputs.get(name);
      feeds[name] = input ? this.uploads.of(input) : this.value(name);
    }
    const from = Object.values(feeds);
    if (this.keptFrom && from.every((value, k) => value === this.keptFrom?.[k])) return;
    for (const value of Object.values(this.kept)) discard(value);
    this.keptFrom = undefined;
    this.kept = await this.once.run(feeds);
    this.keptFrom = from;
  }

  private replace(name: string, value: Onnx.Tensor): void {
    const old = this.values.get(name);
    if (old && old !== value) discard(old);
    this.values.set(name, value);
  }

  private untraced(): string[] {
    return this.names.outputs.flatMap(({ name, traced }) => (traced ? [] : [name]));
  }

  private value(name: string): Onnx.Tensor {
    const value = this.values.get(name);
    if (!value) throw new Error(`${name} is no shared value of this program, or the program was disposed`);
    return value;
  }
}

const after = (name: string): string => `${name}_after`;

function resultOf(results: Onnx.InferenceSession.OnnxValueMapType, name: string, suffixed = true): Onnx.Tensor {
  const value = results[suffixed ? after(name) : name];
  if (!value) throw new Error(`ONNX Runtime gave no ${name}`);
  return value;
}

/** Buffers of the device are freed by hand; memory of the host belongs to whoever gave it. */
function discard(value: Onnx.Tensor): void {
  if (value.location !== 'cpu') value.dispose();
}

/** A model whose result, `copy`, is a copy of what it is given, of any shape: for reading values of a device. */
export function readerModel(): Uint8Array {
  const model = new ModelBuilder('float32');
  const float = ElementType.float32;
  model.root.into('Identity', [model.input('value', float)], ['copy']);
  return encodeModel(model.graph('copy', [valueInfo('copy', float)]));
}
