import { readFileSync } from 'node:fs';
import {
  execute,
  firstLine,
  randomUniform,
  runtime,
  type DeviceId,
  type Execution,
  type FloatArray,
  type Lowered,
  type Placement,
  type Precision,
  type Tensor,
} from '../engine';
import { Profile } from './profile';
import { devices } from './table';

/** A program to be tried on a device, with the shapes of what it is given; the values are drawn. */
export interface ProbeRequest {
  readonly device: DeviceId;
  readonly lowered: Lowered;
  readonly precision: Precision;
  readonly threads: number;
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  readonly sequences: readonly string[];
  readonly states: ReadonlyMap<string, readonly number[]>;
  /** Steps whose time is taken, after the first. */
  readonly timedSteps: number;
}

export interface ProbeResult {
  /** What the first step made: outputs, and the shared values after it. */
  readonly values: ReadonlyMap<string, FloatArray>;
  /** Seconds of one step, the first not counted; NaN where none was timed. */
  readonly seconds: number;
  /** What ran elsewhere. */
  readonly placement: readonly Placement[];
  /** Whether what passes for a graphics device is a program of the processor's. */
  readonly software: boolean;
}

/** Positive numbers of moderate size, for which most objectives are finite. */
const drawn = (shape: readonly number[], seed: number): Tensor => randomUniform(shape, { seed, low: 0.1, high: 1 });
const rate = 0.1;

/** A device cannot be had at all, whatever the program. */
export class DeviceAbsentError extends Error {
  override readonly name = 'DeviceAbsentError';
}

/** Takes a few steps of a program on a device. @throws Error where the device does not work */
export async function takeSteps(request: ProbeRequest): Promise<ProbeResult> {
  const { device, lowered, precision, threads } = request;
  const { ort } = await runtime();
  const initial = new Map([...request.states].map(([name, shape], k) => [name, drawn(shape, 100 + k)] as const));
  const inputs = new Map([...request.inputs].map(([name, shape], k) => [name, drawn(shape, 200 + k)] as const));
  const profile = new Profile();
  let execution: Execution | undefined;
  try {
    execution = await execute(ort, devices[device], lowered, initial, { precision, threads, profile }).catch(
      (error: unknown) => {
        throw new DeviceAbsentError(firstLine(error));
      },
    );
    const steps = (count: number): Promise<ReadonlyMap<string, FloatArray>> => {
      const values = new Float64Array(count).fill(rate);
      const sequences = new Map(request.sequences.map((name) => [name, values] as const));
      return (execution as Execution).run(inputs, sequences, count);
    };
    const values = new Map(await steps(1));
    for (const name of lowered.names.changing) values.set(name, (await execution.get(name)).data);
    const placement = profile.end(devices[device].providerName);
    const software = device !== 'cpu' && usesSoftwareRenderer();
    if (request.timedSteps === 0) return { values, seconds: NaN, placement, software };
    const began = performance.now();
    await steps(request.timedSteps);
    return { values, seconds: (performance.now() - began) / 1000 / request.timedSteps, placement, software };
  } finally {
    await execution?.dispose();
    profile.discard();
  }
}

/** Vulkan drivers that render on the processor: SwiftShader and Mesa's llvmpipe. */
const softwareDrivers = /libvk_swiftshader|libvulkan_lvp/;
const hardwareDrivers = /libvulkan_(?!lvp)\w+\.so|libGLX_nvidia|libnvidia-/;

/** On Linux the drivers that this process has loaded tell; elsewhere only the time of a step does. */
function usesSoftwareRenderer(): boolean {
  if (process.platform !== 'linux') return false;
  const mapped = readFileSync('/proc/self/maps', 'utf8');
  return softwareDrivers.test(mapped) && !hardwareDrivers.test(mapped);
}
