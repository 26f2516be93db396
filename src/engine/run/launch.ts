import { lookupsOf } from '../indices';
import { lower } from '../lower/program';
import { initialValues, rootsOf, type StepProgram } from '../step-program';
import { execute, type Execution } from './execute';
import {
  firstLine,
  forms,
  processor,
  runtime,
  webAssembly,
  webRuntime,
  type Device,
  type DeviceId,
  type SessionOptions,
} from './session';

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

/** What a program is launched with. */
export interface LaunchOptions extends SessionOptions {
  readonly device: DeviceId | 'auto';
  /** About how many steps will be taken in all. */
  readonly steps: number;
  /** Without one `auto` is the processor, and no other device can be named. */
  readonly finder?: DeviceFinder | undefined;
}

/** A device for a program, and why it. */
export interface Choice {
  readonly device: DeviceId;
  readonly reason: string;
  readonly placement?: readonly Placement[];
}

/** What knows devices apart from the processor. */
export interface DeviceFinder {
  readonly devices: Readonly<Record<DeviceId, Device>>;
  /** The device for a program: that which is named, if it works, or where `auto` is asked for the best one. */
  find(program: StepProgram, options: LaunchOptions): Promise<Choice>;
}

export interface Launched {
  readonly execution: Execution;
  readonly report: DeviceReport;
}

/**
 * Lowers a program for a device and makes it ready to run there. A device that does not work is no error: the processor
 * computes instead, and the report says why.
 */
export async function launch(program: StepProgram, options: LaunchOptions): Promise<Launched> {
  const { device: requested, precision, threads, finder } = options;
  const { ort, native, failure } = await runtime();
  const on = async (device: Device, reason: string, placement: Choice['placement'] = [], library = ort) => ({
    execution: await execute(library, device, lower(program, device, precision), initialValues(program), options),
    report: { requested, used: device.id, reason, ...(placement.length > 0 && { placement: [...placement] }) },
  });
  const computed = `Computed with ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

  if (!native) {
    return on(webAssembly, `There is no native library for this system (${failure ?? 'unknown reason'}).`);
  }
  if (requested === 'wasm') return on(webAssembly, 'As asked for.', [], await webRuntime());
  if (requested === 'cpu') return on(processor, `${computed}.`);
  if ((requested === 'auto' || forms[requested] === 'steps') && lookupsOf(rootsOf(program)).computed) {
    return on(processor, `${computed}, where indices that a step computes are checked.`);
  }
  if (!finder) {
    if (requested === 'auto') return on(processor, `${computed}.`);
    throw new Error(`${requested} has to be tried first: give compile a finder of devices`);
  }
  const { device, reason, placement } = await finder.find(program, options);
  try {
    return await on(finder.devices[device], reason, placement);
  } catch (error) {
    if (device === 'cpu') throw error;
    const { name } = finder.devices[device];
    return on(processor, `${name} passed its trial and then failed: ${firstLine(error)}.`);
  }
}
