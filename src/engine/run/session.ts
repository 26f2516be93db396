import type * as Onnx from 'onnxruntime-node';
import { version } from 'onnxruntime-node/package.json';
import type { Replacements } from '../lower/emitter';
import type { Rule } from '../rewrite/rewrite';

/** Where a program can run, and whether all steps of a run are one `Loop` there, or each is a call of its own. */
export const forms = {
  cpu: 'loop',
  wasm: 'loop',
  cuda: 'loop',
  webgpu: 'steps',
  dml: 'steps',
  coreml: 'steps',
} as const;
export type DeviceId = keyof typeof forms;

/** What a device can do, and how ONNX Runtime is asked for it. */
export interface Device {
  readonly id: DeviceId;
  /** For sentences. */
  readonly name: string;
  /** Where values stay between steps, if not on the host. */
  readonly location?: Onnx.Tensor.DataLocation;
  /** What a program must be rewritten by. */
  readonly rules?: readonly Rule[];
  /** Operations that it lacks. */
  readonly replacements?: Replacements;
  readonly options?: Onnx.InferenceSession.SessionOptions;
}

export const processor: Device = { id: 'cpu', name: 'the processor' };
export const webAssembly: Device = { id: 'wasm', name: 'WebAssembly' };

/** Numbers of a run. */
export type Precision = 'float32' | 'float64';

/** What records where the operations of sessions run. */
export interface SessionWatcher {
  readonly options: Onnx.InferenceSession.SessionOptions;
  watch(session: Onnx.InferenceSession): void;
}

export interface SessionOptions {
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

/**
 * A session of ONNX Runtime for a model.
 * @param locations where results stay, by their names; on the host where that is not told
 */
export async function createSession(
  ort: typeof Onnx,
  { id, options }: Device,
  { precision, threads, plannedMemory = true, rewritten = false, spinning = true, profile }: SessionOptions,
  model: Uint8Array,
  locations?: Readonly<Record<string, Onnx.Tensor.DataLocation>>,
): Promise<Onnx.InferenceSession> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [id],
    intraOpNumThreads: threads,
    enableMemPattern: plannedMemory,
    logSeverityLevel: 3,
    graphOptimizationLevel: optimizationLevel(id, precision, rewritten),
    ...options,
    extra: {
      ...options?.extra,
      // Factors that shrink towards zero would otherwise make every step slower, not faster.
      session: { set_denormal_as_zero: '1', ...(!spinning && { intra_op: { allow_spinning: '0' } }) },
    },
    ...(locations && { preferredOutputLocation: locations }),
    ...profile?.options,
  });
  profile?.watch(session);
  return session;
}

/**
 * What ONNX Runtime's own optimiser is asked for. On the processor it finds nothing in a program that was rewritten for it
 * but takes as long as all the rest of creating its session: without it a step is as fast and the session is there in half
 * the time (measured: 7 ms for 14 with the NMF of digits, 19 for 42 with a robust loss on a million ratings).
 */
function optimizationLevel(device: DeviceId, precision: Precision, rewritten: boolean): 'disabled' | 'basic' | 'all' {
  if (rewritten && (device === 'cpu' || device === 'wasm')) return 'disabled';
  // The extended fusions put scalar factors into float32 attributes (FusedMatMul's alpha), which spoils float64.
  return precision === 'float64' ? 'basic' : 'all';
}

/** What computes: the native library, or where it does not load, and why, the same in WebAssembly. */
interface Runtime {
  readonly ort: typeof Onnx;
  readonly native: boolean;
  readonly failure?: string;
}

let loading: Promise<Runtime> | undefined;

/** ONNX Runtime, loaded at the first use: a native library has no business in a process that only builds graphs. */
export function runtime(): Promise<Runtime> {
  loading ??= import('onnxruntime-node').then(
    (ort) => ({ ort, native: true }),
    async (error: unknown) => ({ ort: await webRuntime(), native: false, failure: firstLine(error) }),
  );
  return loading;
}

/** ONNX Runtime in WebAssembly; it can be asked for where the native library works too. */
export async function webRuntime(): Promise<typeof Onnx> {
  const web = await import('onnxruntime-web');
  return web as unknown as typeof Onnx;
}

/** Version of ONNX Runtime, told without loading it; both libraries are of the same. */
export const runtimeVersion = (): string => version;

/** What an error says, without the stack or the list of files that loaders add. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.trim() ?? '';
