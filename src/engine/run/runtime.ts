import type * as Onnx from 'onnxruntime-node';
import { version } from 'onnxruntime-node/package.json';

/** ONNX Runtime, loaded at the first use: a native library has no business in a process that only builds graphs. */
export const runtime = (): Promise<typeof Onnx> => import('onnxruntime-node');

/** Version of ONNX Runtime, told without loading it. */
export const runtimeVersion = (): string => version;
