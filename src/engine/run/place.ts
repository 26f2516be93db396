import { is } from '../graph';
import { lowerLoop, namesOf, type StepProgram } from '../lower/lower';
import type { Tensor } from '../tensor';
import type { DeviceId, DeviceReport } from './device';
import type { Execution } from './execution';
import { LoopExecution } from './loop';
import { runtime } from './runtime';
import type { Precision } from './values';

export interface PlaceOptions {
  readonly device: DeviceId | 'auto';
  readonly precision: Precision;
  readonly threads: number;
  readonly plannedMemory: boolean;
}

/** Lowers a program for a device and makes it ready to run there. */
export async function place(
  program: StepProgram,
  { device, precision, threads, plannedMemory }: PlaceOptions,
): Promise<{ execution: Execution; report: DeviceReport }> {
  const ort = await runtime();
  const session = await ort.InferenceSession.create(lowerLoop(program, precision), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    enableMemPattern: plannedMemory,
    logSeverityLevel: 3,
    // The extended fusions put scalar factors into float32 attributes (FusedMatMul's alpha), which spoils float64.
    graphOptimizationLevel: precision === 'float64' ? 'basic' : 'all',
    // Factors that shrink towards zero would otherwise make every step slower, not faster.
    extra: { session: { set_denormal_as_zero: '1' } },
  });
  const initial = new Map<string, Tensor>();
  for (const [name, { node }] of program.states) if (is(node, 'shared')) initial.set(name, node.attributes.initial);
  const reason = device === 'cpu' || device === 'auto' ? `${threads} threads` : `${device} is not supported yet`;
  return {
    execution: new LoopExecution(ort, session, namesOf(program), initial, precision),
    report: { requested: device, used: 'cpu', reason },
  };
}
