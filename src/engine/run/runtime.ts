import type * as Onnx from 'onnxruntime-node';
import { version } from 'onnxruntime-node/package.json';

/** What computes: the native library, or where it does not load the same in WebAssembly. */
export interface Runtime {
  readonly ort: typeof Onnx;
  readonly native: boolean;
  /** Why the native library is not used, where it did not load. */
  readonly failure?: string;
}

let loading: Promise<Runtime> | undefined;

/** ONNX Runtime, loaded at the first use: a native library has no business in a process that only builds graphs. */
export function runtime(): Promise<Runtime> {
  loading ??= import('onnxruntime-node').then(
    (ort) => ({ ort, native: true }),
    async (error: unknown) => ({ ort: await webAssembly(), native: false, failure: firstLine(error) }),
  );
  return loading;
}

/** ONNX Runtime in WebAssembly; it can be asked for where the native library works too. */
export async function webAssembly(): Promise<typeof Onnx> {
  const web = await import('onnxruntime-web');
  return web as unknown as typeof Onnx;
}

/** Version of ONNX Runtime, told without loading it; both libraries are of the same. */
export const runtimeVersion = (): string => version;

/** What an error says, without the stack or the list of files that loaders add. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.trim() ?? '';
