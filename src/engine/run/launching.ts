import type { StepProgram } from '../step-program';
import type { DeviceId, DeviceReport, Placement } from './device';
import type { Execution } from './execution';
import type { Precision } from './values';

/** What a program is launched with. */
export interface LaunchOptions {
  readonly device: DeviceId | 'auto';
  readonly precision: Precision;
  readonly threads: number;
  readonly plannedMemory: boolean;
  /** Whether it was rewritten, and runs as it was. */
  readonly rewritten: boolean;
  readonly spinning?: boolean;
  /** About how many steps will be taken in all. */
  readonly steps: number;
  /** Without one `auto` is the processor, and no other device can be named. */
  readonly finder?: DeviceFinder;
}

export interface Launched {
  readonly execution: Execution;
  readonly report: DeviceReport;
}

/** A device for a program, and why it. */
export interface Choice {
  readonly device: DeviceId;
  readonly reason: string;
  readonly placement?: readonly Placement[];
}

/** What knows devices apart from the processor. */
export interface DeviceFinder {
  /** The device for a program where `auto` is asked for. */
  choose(program: StepProgram, options: LaunchOptions): Promise<Choice>;
  /**
   * Tries a program on a device, and compares its first step with the processor's.
   * @throws Error where the device is not there, does not work, or computes something else
   */
  check(
    program: StepProgram,
    device: DeviceId,
    options: LaunchOptions,
  ): Promise<{ readonly placement: readonly Placement[] }>;
}
