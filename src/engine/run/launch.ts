import { lookupsOf } from '../indices';
import { rootsOf, type StepProgram } from '../step-program';
import type { DeviceId, Placement } from './device';
import { devices } from './devices';
import { execute } from './execute';
import { initialValues, lowerFor } from './lowered';
import { firstLine, runtime, webAssembly } from './runtime';
import type { Launched, LaunchOptions } from './launching';

/**
 * Lowers a program for a device and makes it ready to run there. A device that does not work is no error: the processor
 * computes instead, and the report says why.
 */
export async function launch(program: StepProgram, options: LaunchOptions): Promise<Launched> {
  const { device: requested, precision, threads, plannedMemory, rewritten, spinning = true, finder } = options;
  const { ort, native, failure } = await runtime();
  const on = async (
    used: DeviceId,
    reason: string,
    placement: readonly Placement[] = [],
    library = ort,
  ): Promise<Launched> => ({
    execution: await execute(library, used, lowerFor(used, program, precision), initialValues(program), {
      precision,
      threads,
      plannedMemory,
      rewritten,
      spinning,
    }),
    report: { requested, used, reason, ...(placement.length > 0 && { placement: [...placement] }) },
  });
  const threaded = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;

  if (!native) {
    return on('wasm', `There is no native library for this system (${failure ?? 'unknown reason'}).`);
  }
  if (requested === 'wasm') return on('wasm', 'As asked for.', [], await webAssembly());
  if (requested === 'cpu') return on('cpu', `Computed with ${threaded}.`);
  const { computed } = lookupsOf(rootsOf(program));
  if (computed && (requested === 'auto' || devices[requested].form === 'steps')) {
    return on('cpu', `Computed with ${threaded}, where indices that a step computes are checked.`);
  }
  if (requested === 'auto') {
    if (!finder) return on('cpu', `Computed with ${threaded}.`);
    const { device, reason, placement } = await finder.choose(program, options);
    try {
      return await on(device, reason, placement);
    } catch (error) {
      if (device === 'cpu') throw error;
      return on('cpu', `${devices[device].name} passed its trial and then failed: ${firstLine(error)}.`);
    }
  }
  if (!finder) throw new Error(`${devices[requested].name} has to be tried first: give compile a finder of devices`);
  try {
    const { placement } = await finder.check(program, requested, options);
    return await on(requested, 'As asked for.', placement);
  } catch (error) {
    return on('cpu', `${devices[requested].name} does not work here: ${firstLine(error)}.`);
  }
}
