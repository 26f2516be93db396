import type { DeviceId, DeviceReport } from './device';
import type { Execution } from './execution';
import type { Precision } from './values';

/** What a program is placed by. */
export interface PlaceOptions {
  readonly device: DeviceId | 'auto';
  readonly precision: Precision;
  readonly threads: number;
  readonly plannedMemory: boolean;
  /** Whether it was rewritten, and runs as it was. */
  readonly rewritten: boolean;
  readonly spinning?: boolean;
  /** About how many steps will be taken in all. */
  readonly steps: number;
}

export interface Placed {
  readonly execution: Execution;
  readonly report: DeviceReport;
}
