import type * as Onnx from 'onnxruntime-node';
import { ModelBuilder } from '../lower/emitter';
import { ElementType, encodeModel, valueInfo } from '../lower/onnx';
import { after, STEPS, type Lowered, type StepNames } from '../lower/program';
import { remembered } from '../remember';
import { formatShape, ShapeError, sizeOf } from '../shape';
import type { FloatArray, Tensor } from '../tensor';
import { createSession, type Device, type DeviceId, type Precision, type SessionOptions } from './session';

/** Makes a lowered program ready to run on its device. @throws Error where the device does not work */
export async function execute(
  ort: typeof Onnx,
  device: Device,
  { names, models }: Lowered,
  initial: ReadonlyMap<string, Tensor>,
  options: SessionOptions,
): Promise<Execution> {
  const create = (model: Uint8Array, staying: readonly string[] = []): Promise<Onnx.InferenceSession> => {
    const { location } = device;
    const locations = location && Object.fromEntries(staying.map((name) => [name, location]));
    return createSession(ort, device, options, model, locations);
  };
  if ('loop' in models) {
    return new Execution(ort, options.precision, names, initial, { run: await create(models.loop) });
  }
  const reader = await readerOf(ort, device.id);
  const once = models.kept.length > 0 ? await create(models.once, models.kept) : undefined;
  const run = await create(models.step, names.changing.map(after));
  return new Execution(ort, 'float32', names, initial, { run, steps: { once, reader } });
}

/** The sessions of a program. */
interface Sessions {
  /** All steps of a run in one `Loop`, or one step. */
  readonly run: Onnx.InferenceSession;
  /** Where it is one step: what no step changes, if there is anything, and a copy of a value of the device. */
  readonly steps?: { readonly once: Onnx.InferenceSession | undefined; readonly reader: Onnx.InferenceSession };
}

/**
 * A lowered program on some device, with the current values of its shared nodes. Values go by the names that the program
 * gives them.
 *
 * A run is one call, however many steps it takes, or a call for each step. Then values are kept where they are computed: on
 * a device with buffers of its own only scalar outputs cross to the host at each step. (A `Loop` on WebGPU would copy every
 * value from outside it to the device again at each turn.)
 */
export class Execution {
  /** Shared values: on the device, or on the host until a step has used them. */
  private readonly values = new Map<string, Onnx.Tensor>();
  private readonly known = new WeakMap<Tensor, Onnx.Tensor>();
  /** What steps use and do not change, and what it was made from. */
  private kept: Readonly<Record<string, Onnx.Tensor>> = {};
  private keptFrom: readonly Onnx.Tensor[] | undefined;

  constructor(
    private readonly ort: typeof Onnx,
    private readonly precision: Precision,
    private readonly names: StepNames,
    initial: ReadonlyMap<string, Tensor>,
    private readonly sessions: Sessions,
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
  async run(
    inputs: ReadonlyMap<string, Tensor>,
    sequences: ReadonlyMap<string, Float64Array>,
    steps: number,
  ): Promise<ReadonlyMap<string, FloatArray>> {
    const { run, steps: inSteps } = this.sessions;
    const { changing, traced, last, width } = this.names;
    const given = new Map<string, Onnx.Tensor>(Array.from(inputs, ([name, value]) => [name, this.upload(value)]));
    if (inSteps?.once) await this.keep(inSteps.once, given);
    const atOnce = inSteps ? 1 : steps;
    const outputs = new Map<string, FloatArray>();
    for (const name of traced) outputs.set(name, new floatArrays[this.precision](steps * width));
    for (let step = 0; step < steps; step += atOnce) {
      const feeds: Record<string, Onnx.Tensor> = { ...this.kept };
      for (const [name, values] of sequences) {
        feeds[name] = this.tensor(values.subarray(step, step + atOnce), inSteps ? [] : [atOnce]);
      }
      if (!inSteps) {
        for (const [name, value] of [...given, ...this.values]) feeds[name] = value;
        feeds[STEPS] = new this.ort.Tensor('int64', BigInt64Array.of(BigInt(atOnce)), []);
      }
      for (const name of changing) feeds[name] = this.value(name);
      const ending = step + atOnce === steps ? last : [];
      const results = await run.run(feeds, [...changing, ...traced, ...ending].map(after));
      for (const name of changing) this.replace(name, resultOf(results, after(name)));
      for (const name of traced) outputs.get(name)?.set(dataOf(results, after(name)), step * width);
      for (const name of ending) outputs.set(name, dataOf(results, after(name)));
    }
    return outputs;
  }

  async get(name: string): Promise<Tensor> {
    const value = this.value(name);
    const { steps } = this.sessions;
    if (!steps || value.location === 'cpu') return { data: value.data as FloatArray, shape: value.dims };
    // Reading a tensor on the device by itself (`getData`) aborts the process; an Identity that answers on the host does not.
    return { data: dataOf(await steps.reader.run({ value }), 'copy'), shape: value.dims };
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
    this.forget();
    await this.sessions.steps?.once?.release();
    await this.sessions.run.release();
  }

  /** Makes what steps use and do not change, unless it is there already. */
  private async keep(once: Onnx.InferenceSession, given: ReadonlyMap<string, Onnx.Tensor>): Promise<void> {
    const feeds = Object.fromEntries(once.inputNames.map((name) => [name, given.get(name) ?? this.value(name)]));
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

  private value(name: string): Onnx.Tensor {
    const value = this.values.get(name);
    if (!value) throw new Error(`${name} is no shared value of this program, or the program was disposed`);
    return value;
  }

  private replace(name: string, value: Onnx.Tensor): void {
    const old = this.values.get(name);
    if (old && old !== value) discard(old);
    this.values.set(name, value);
  }

  /** The same tensor of ours is the same tensor of ONNX Runtime's. */
  private upload(value: Tensor): Onnx.Tensor {
    return remembered(this.known, value, () => this.tensor(value.data, value.shape));
  }

  /** ONNX Runtime reads typed arrays where they lie; only another precision makes a copy. */
  private tensor(data: FloatArray, shape: readonly number[]): Onnx.Tensor {
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(`${data.length} values do not fill a tensor of shape ${formatShape(shape)}`);
    }
    const Floats = floatArrays[this.precision];
    return new this.ort.Tensor(this.precision, data instanceof Floats ? data : Floats.from(data), shape);
  }
}

const floatArrays = { float32: Float32Array, float64: Float64Array } as const;

/** Buffers of the device are freed by hand; memory of the host belongs to whoever gave it. */
function discard(value: Onnx.Tensor): void {
  if (value.location !== 'cpu') value.dispose();
}

function resultOf(results: Onnx.InferenceSession.OnnxValueMapType, name: string): Onnx.Tensor {
  const value = results[name];
  if (!value) throw new Error(`ONNX Runtime gave no ${name}`);
  return value;
}

const dataOf = (results: Onnx.InferenceSession.OnnxValueMapType, name: string): FloatArray =>
  resultOf(results, name).data as FloatArray;

/** What has not been disposed: a process that ends with a graphics device in use may crash on its way out. */
const open = new Set<Execution>();

/** A session a device that reads its values. It stays open, since ONNX Runtime forgets all compiled shaders with its last one. */
const readers = new Map<DeviceId, Promise<Onnx.InferenceSession>>();

function readerOf(ort: typeof Onnx, device: DeviceId): Promise<Onnx.InferenceSession> {
  return remembered(readers, device, () => {
    const reader = ort.InferenceSession.create(readerModel(), { executionProviders: [device], logSeverityLevel: 3 });
    reader.catch(() => readers.delete(device));
    return reader;
  });
}

/** A model whose result, `copy`, is a copy of what it is given, of any shape: for reading values of a device. */
export function readerModel(): Uint8Array {
  const model = new ModelBuilder('float32');
  const float = ElementType.float32;
  model.root.into('Identity', [model.input('value', float)], ['copy']);
  return encodeModel(model.graph('copy', [valueInfo('copy', float)]));
}

/** Frees all that is in use, before the process ends. */
export async function disposeAll(): Promise<void> {
  await Promise.all(Array.from(open, (execution) => execution.dispose()));
  const sessions = [...readers.values()];
  readers.clear();
  for (const session of sessions) await (await session).release();
}
