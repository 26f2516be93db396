/** Where a program can run. */
export type DeviceId = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml' | 'wasm';

/** Operations of one kind that run on another device than the one used. */
export interface Placement {
  /** Name in ONNX. */
  readonly operation: string;
  readonly device: string;
  readonly count: number;
}

/** What was asked for, what is used, and why. */
export interface DeviceReport {
  requested: DeviceId | 'auto';
  used: DeviceId;
  reason: string;
  /** Absent where all operations run on the device used. */
  placement?: Placement[];
}
