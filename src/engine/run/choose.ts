import { existsSync } from 'node:fs';
import type { Node } from '../graph';
import type { StepProgram } from '../lower/lower';
import { changingNodes, inferSizes, programCost } from '../rewrite/cost';
import type { DeviceId, Placement } from './device';
import { devices } from './devices';
import type { PlaceOptions } from './place';
import { firstLine } from './runtime';
import { checkDevice, requestFor } from './suitability';
import { tryOut } from './trial';

export interface Choice {
  readonly device: DeviceId;
  readonly reason: string;
  readonly placement?: readonly Placement[];
}

/** Estimated seconds of one step on the processor, and of all steps, below which no other device is looked for. */
const worthwhile = { step: 0.005, total: 10 };

/** By how much a device must beat the processor: less is within what two measurements differ by. */
const advantage = 1.25;

const timedSteps = 3;

/** A trial that takes longer is no gain, whatever it would have said. */
const timeoutSeconds = 20;

/** What is tried, the likeliest first. DirectML and Core ML must be asked for: WebGPU reaches the same hardware. */
const candidates: readonly DeviceId[] = ['webgpu'];

/**
 * The fastest device for a program: the processor where the work is small, else what wins a short trial of the program
 * itself at its own size.
 */
export async function chooseDevice(
  program: StepProgram,
  options: PlaceOptions,
  hasGraphicsDevice = mayHaveGraphicsDevice,
): Promise<Choice> {
  const threaded = `${options.threads} ${options.threads === 1 ? 'thread' : 'threads'}`;
  const onProcessor = (why: string): Choice => ({ device: 'cpu', reason: `Computed with ${threaded}, since ${why}.` });
  if (options.precision === 'float64') return onProcessor('float64 is computed on the processor');
  const step = estimatedSeconds(program);
  if (step < worthwhile.step || step * options.steps < worthwhile.total) {
    return onProcessor('there is too little work for another device to gain');
  }
  if (!hasGraphicsDevice()) return onProcessor('there is no graphics device');

  const reference = await tryOut(requestFor(program, 'cpu', options, timedSteps));
  const refusals: string[] = [];
  for (const device of candidates) {
    const { name } = devices[device];
    try {
      const trial = await checkDevice(program, device, options, { timedSteps, timeoutSeconds, reference });
      const times = `a step takes ${milliseconds(trial.seconds)} on ${name} and ${milliseconds(reference.seconds)} on the processor`;
      if (trial.software) refusals.push(`${name} is computed by the processor here`);
      else if (trial.seconds * advantage > reference.seconds) refusals.push(times);
      else return { device, reason: `In a trial ${times}.`, placement: trial.placement };
    } catch (error) {
      refusals.push(`${name} does not work here: ${firstLine(error)}`);
    }
  }
  return onProcessor(refusals.join('; '));
}

function estimatedSeconds(program: StepProgram): number {
  const updated = [...program.states.values()].filter(({ node, next }) => node !== next);
  const roots = [...program.outputs.values(), ...updated.map(({ next }) => next)];
  const leaves = new Set<Node>([...updated.map(({ node }) => node), ...program.sequences.values()]);
  return programCost(roots, changingNodes(roots, leaves), inferSizes(roots));
}

/** Whether it makes sense to ask a driver at all; on Linux a graphics device is a file. */
function mayHaveGraphicsDevice(): boolean {
  return process.platform !== 'linux' || ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some((file) => existsSync(file));
}

const milliseconds = (seconds: number): string => `${Number((1000 * seconds).toPrecision(2))} ms`;
