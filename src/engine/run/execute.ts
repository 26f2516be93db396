import type * as Onnx from 'onnxruntime-node';
import { after, type Lowered } from '../lower/program';
import type { Tensor } from '../tensor';
import { disposeOpen, LoopExecution, type Execution } from './execution';
import { createSession, type Device, type DeviceId, type SessionOptions } from './session';
import { readerModel, StepwiseExecution } from './stepwise';

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
  if ('loop' in models) return new LoopExecution(await create(models.loop), ort, options.precision, names, initial);
  const reader = await readerOf(ort, device.id);
  const once = models.kept.length > 0 ? await create(models.once, models.kept) : undefined;
  const step = await create(models.step, names.changing.map(after));
  return new StepwiseExecution({ once, step, reader }, ort, 'float32', names, initial);
}

/** Frees all that is in use, before the process ends. */
export async function disposeAll(): Promise<void> {
  await disposeOpen();
  const sessions = [...readers.values()];
  readers.clear();
  for (const session of sessions) await (await session).release();
}
