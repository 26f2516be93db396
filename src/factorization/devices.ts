import type { DeviceId, DeviceReport, Placement } from '../engine/run/device';

export type { DeviceId, DeviceReport, Placement };

/** A device by name, or the fastest that works. */
export type DeviceChoice = DeviceId | 'auto';

/** Every device, as results name it. */
export const deviceIds = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'wasm'] as const satisfies readonly DeviceId[];

/** What can be asked for. */
export const deviceChoices = ['auto', ...deviceIds] as const satisfies readonly DeviceChoice[];
