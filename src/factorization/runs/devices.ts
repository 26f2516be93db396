import type { DeviceId, DeviceReport, Placement } from '../../engine';
import { namesOf } from '../../model/fields';
import { run, type DeviceChoice } from '../../model/run';
import { integer, listOf, object, oneOf, optional, text } from '../../untrusted/schema';
import { resultLimits } from '../planning/result-limits';

export type { DeviceId, DeviceReport, Placement };

/** What can be asked for. */
export const deviceChoices: readonly DeviceChoice[] = namesOf(run.device);

/** Every device, as results name it. */
export const deviceIds: readonly DeviceId[] = deviceChoices.filter((name) => name !== 'auto');

/** Where it was computed, as the engine tells it. */
export const deviceSchema = object({
  requested: oneOf(deviceChoices),
  used: oneOf(deviceIds),
  reason: text,
  placement: optional(
    listOf(
      object({ operation: text, device: text, count: integer(1) } satisfies Record<keyof Placement, unknown>),
      resultLimits.remarks,
    ),
  ),
} satisfies Record<keyof DeviceReport, unknown>);

/** Whether what was asked for did not work, so that something else computed. */
export const isFallback = ({ requested, used }: DeviceReport): boolean =>
  requested === 'auto' ? used === 'wasm' : requested !== used;

/** What the user should know about where it was computed. */
export function deviceWarnings(device: DeviceReport): string[] {
  const { requested, used, reason, placement = [] } = device;
  const warnings: string[] = [];
  if (isFallback(device))
    warnings.push(`It ran on ${used}${requested === 'auto' ? '' : `, not on ${requested}`}. ${reason}`);
  if (placement.length > 0) {
    const listed = placement.map(({ operation, device: elsewhere, count }) => `${operation} ×${count} on ${elsewhere}`);
    warnings.push(`Some operations of each step did not run on ${used}: ${listed.join(', ')}.`);
  }
  return warnings;
}
