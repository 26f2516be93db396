import type * as Onnx from 'onnxruntime-node';
import type { Tensor } from '../tensor';
import type { DeviceId } from './device';
import { devices } from './devices';
import type { Execution } from './execution';
import type { Lowered } from './lowered';
import { LoopExecution } from './loop';
import { readerModel, StepwiseExecution, type CreateSession } from './stepwise';
import type { Precision } from './values';

/** What records where the operations of sessions run. */
export interface SessionWatcher {
  readonly options: Onnx.InferenceSession.SessionOptions;
  watch(session: Onnx.InferenceSession): void;
}

export interface ExecuteOptions {
  readonly precision: Precision;
  /** Threads of one operation on the processor. */
  readonly threads: number;
  /** Whether a step's memory is laid out in one piece; it is by default. */
  readonly plannedMemory?: boolean;
  /** Whether the program was rewritten, so that ONNX Runtime need not; it is not by default. */
  readonly rewritten?: boolean;
  /** Whether threads stay awake between operations; they do by default. */
  readonly spinning?: boolean;
  /** Records where operations run. */
  readonly profile?: SessionWatcher;
}

/** What has not been disposed: a process that ends with a graphics device in use may crash on its way out. */
const open = new Set<Execution>();

/** A session a device that reads its values. It stays open, since ONNX Runtime forgets all compiled shaders with its last one. */
const readers = new Map<DeviceId, Promise<Onnx.InferenceSession>>();

function readerOf(ort: typeof Onnx, device: DeviceId): Promise<Onnx.InferenceSession> {
  const known = readers.get(device);
  if (known) return known;
  const reader = ort.InferenceSession.create(readerModel(), { executionProviders: [device], logSeverityLevel: 3 });
  readers.set(device, reader);
  reader.catch(() => readers.delete(device));
  return reader;
}

/**
 * What ONNX Runtime's own optimiser is asked for. On the processor it finds nothing in a program that was rewritten for it
 * but takes as long as all the rest of creating its session: without it a step is as fast and the session is there in half
 * the time (measured: 7 ms for 14 with the NMF of digits, 19 for 42 with a robust loss on a million ratings).
 */
function optimizationLevel(
  device: DeviceId,
  precision: Precision,
  rewritten: boolean,
): NonNullable<Onnx.InferenceSession.SessionOptions['graphOptimizationLevel']> {
  if (rewritten && (device === 'cpu' || device === 'wasm')) return 'disabled';
  // The extended fusions put scalar factors into float32 attributes (FusedMatMul's alpha), which spoils float64.
  return precision === 'float64' ? 'basic' : 'all';
}

/** As ONNX Runtime is told that threads without work are not to wait awake. */
const asleep = { intra_op: { allow_spinning: '0' } };

/** Makes a lowered program ready to run on its device. @throws Error where the device does not work */
export async function execute(
  ort: typeof Onnx,
  device: DeviceId,
  { names, models }: Lowered,
  initial: ReadonlyMap<string, Tensor>,
  { precision, threads, plannedMemory = true, rewritten = false, spinning = true, profile }: ExecuteOptions,
): Promise<Execution> {
  const { location, options } = devices[device];
  const create: CreateSession = async (model, preferredOutputLocation) => {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      enableMemPattern: plannedMemory,
      logSeverityLevel: 3,
      graphOptimizationLevel: optimizationLevel(device, precision, rewritten),
      ...options,
      ...(!spinning && { extra: { ...options.extra, session: { ...options.extra.session, ...asleep } } }),
      ...(location !== 'cpu' && { preferredOutputLocation }),
      ...profile?.options,
    });
    profile?.watch(session);
    return session;
  };
  if (models.form === 'loop') {
    return watched(new LoopExecution(ort, await create(models.loop, {}), names, initial, precision));
  }
  const reader = await readerOf(ort, device);
  return watched(await StepwiseExecution.create(ort, create, reader, models, names, initial, location));
}

function watched(execution: Execution): Execution {
  open.add(execution);
  return {
    run: (inputs, sequences, steps) => execution.run(inputs, sequences, steps),
    get: (name) => execution.get(name),
    set: (name, value) => execution.set(name, value),
    shapeOf: (name) => execution.shapeOf(name),
    dispose() {
      open.delete(execution);
      return execution.dispose();
    },
  };
}

/** Frees all that is in use, before the process ends. */
export async function disposeAll(): Promise<void> {
  const all = [...open];
  open.clear();
  await Promise.all(all.map((execution) => execution.dispose()));
  const sessions = [...readers.values()];
  readers.clear();
  for (const session of sessions) await (await session).release();
}
