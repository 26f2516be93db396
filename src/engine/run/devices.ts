import type * as Onnx from 'onnxruntime-node';
import type { Replacements } from '../lower/emitter';
import { powerOfAlike, residualDistance } from '../lower/device-rewrites';
import { webGpuReplacements } from '../lower/webgpu';
import type { Rule } from '../rewrite/rewrite';
import type { DeviceId } from './device';

/** What a device can do, and how ONNX Runtime is asked for it. */
export interface DeviceTraits {
  /** For sentences. */
  readonly name: string;
  /** As ONNX Runtime's profiles name it. */
  readonly providerName: string;
  /** Whether all steps of a run are one `Loop`, or each is a call of its own. */
  readonly form: 'loop' | 'steps';
  readonly float64: boolean;
  /** Where values stay between steps. */
  readonly location: Onnx.Tensor.DataLocation;
  /** What a program must be rewritten by. */
  readonly rules: readonly Rule[];
  readonly replacements: Replacements;
  readonly options: Onnx.InferenceSession.SessionOptions & { readonly extra: { readonly session: object } };
}

// Factors that shrink towards zero would otherwise make every step slower, not faster.
const session = { set_denormal_as_zero: '1' };

const loop = {
  form: 'loop',
  location: 'cpu',
  rules: [],
  replacements: {},
  options: { extra: { session } },
} as const;

const steps = { ...loop, form: 'steps', float64: false, rules: [residualDistance] } as const;

export const devices: Readonly<Record<DeviceId, DeviceTraits>> = {
  cpu: { ...loop, name: 'the processor', providerName: 'CPUExecutionProvider', float64: true },
  wasm: { ...loop, name: 'WebAssembly', providerName: 'CPUExecutionProvider', float64: true },
  cuda: { ...loop, name: 'CUDA', providerName: 'CUDAExecutionProvider', float64: false },
  webgpu: {
    ...steps,
    name: 'WebGPU',
    providerName: 'WebGpuExecutionProvider',
    location: 'gpu-buffer',
    rules: [residualDistance, powerOfAlike],
    replacements: webGpuReplacements,
    // Indices are int64 in ONNX.
    options: { extra: { session, ep: { webgpuexecutionprovider: { enableInt64: '1' } } } },
  },
  dml: {
    ...steps,
    name: 'DirectML',
    providerName: 'DmlExecutionProvider',
    // It runs neither with memory patterns nor in parallel, says ONNX Runtime's documentation.
    options: { ...steps.options, enableMemPattern: false, executionMode: 'sequential' },
  },
  coreml: { ...steps, name: 'Core ML', providerName: 'CoreMLExecutionProvider' },
};
