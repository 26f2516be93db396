import { processor, webAssembly, type Device, type DeviceId } from '../engine';
import { powerOfAlike, residualDistance, webGpuReplacements } from './rewrites';

/** What choosing and trying a device needs to know besides. */
export interface ProbedDevice extends Device {
  /** As ONNX Runtime's profiles name it. */
  readonly providerName: string;
  readonly float64?: boolean;
}

const rules = [residualDistance];

export const devices: Readonly<Record<DeviceId, ProbedDevice>> = {
  cpu: { ...processor, providerName: 'CPUExecutionProvider', float64: true },
  wasm: { ...webAssembly, providerName: 'CPUExecutionProvider', float64: true },
  cuda: { id: 'cuda', name: 'CUDA', providerName: 'CUDAExecutionProvider' },
  webgpu: {
    id: 'webgpu',
    name: 'WebGPU',
    providerName: 'WebGpuExecutionProvider',
    location: 'gpu-buffer',
    rules: [...rules, powerOfAlike],
    replacements: webGpuReplacements,
    // Indices are int64 in ONNX.
    options: { extra: { ep: { webgpuexecutionprovider: { enableInt64: '1' } } } },
  },
  dml: {
    id: 'dml',
    name: 'DirectML',
    providerName: 'DmlExecutionProvider',
    rules,
    // It runs neither with memory patterns nor in parallel, says ONNX Runtime's documentation.
    options: { enableMemPattern: false, executionMode: 'sequential' },
  },
  coreml: { id: 'coreml', name: 'Core ML', providerName: 'CoreMLExecutionProvider', rules },
};
