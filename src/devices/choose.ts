import { existsSync } from 'node:fs';
import {
  firstLine,
  operationsOf,
  secondsOfStep,
  type Choice,
  type DeviceFinder,
  type DeviceId,
  type LaunchOptions,
  type StepProgram,
} from '../engine';
import { checkDevice, offeredDevices, requestFor } from './probe';
import { takeSteps } from './probe-steps';
import { devices } from './table';

/** Estimated seconds of one step on the processor, and of all steps, below which no other device is looked for. */
const worthwhile = { step: 0.005, total: 10 };

/** By how much a device must beat the processor: less is within what two measurements differ by. */
const advantage = 1.25;

const timedSteps = 3;

/** A trial that takes longer is no gain, whatever it would have said. */
const timeoutSeconds = 20;

/**
 * What is tried where ONNX Runtime has it, in this order. CUDA knows its vendor's cards best; WebGPU keeps the values of a
 * step on the device, which DirectML and Core ML are given again at each step.
 */
const candidates: readonly DeviceId[] = ['cuda', 'webgpu', 'dml', 'coreml'];

/** What there is to choose from. */
export interface Surroundings {
  /** Names of the devices that ONNX Runtime was built for. */
  offered(): Promise<readonly string[]>;
  hasGraphicsDevice(): boolean;
}
const thisMachine: Surroundings = { offered: offeredDevices, hasGraphicsDevice: mayHaveGraphicsDevice };

/** What trials in this process came to, by the kind of step. */
const decided = new Map<string, Choice>();

/**
 * The device for a program: the processor where the work is small, else the first that beats it in a short trial of the
 * program itself at its own size. Programs of the same operations whose steps take about as long, such as those of
 * neighbouring ranks, share one trial.
 */
export async function chooseDevice(
  program: StepProgram,
  options: LaunchOptions,
  { offered, hasGraphicsDevice }: Surroundings = thisMachine,
): Promise<Choice> {
  const onProcessor = (why: string): Choice => processor(options.threads, why);
  if (options.precision === 'float64') return onProcessor('float64 is computed on the processor');
  const step = secondsOfStep(program);
  if (step < worthwhile.step || step * options.steps < worthwhile.total) {
    return onProcessor('there is too little work for another device to gain');
  }
  if (!hasGraphicsDevice()) return onProcessor('there is no graphics device');
  const kind = `${operationsOf(program)}, 2^${Math.round(Math.log2(step))} s, ${options.threads}`;
  const known = decided.get(kind);
  if (known) return { ...known, reason: `${known.reason.slice(0, -1)}, as a step of this kind and size has shown.` };
  const choice = await decide(program, options, await offered());
  decided.set(kind, choice);
  return choice;
}

async function decide(program: StepProgram, options: LaunchOptions, offered: readonly string[]): Promise<Choice> {
  const found = candidates.filter((device) => offered.includes(device));
  if (found.length === 0) return processor(options.threads, 'ONNX Runtime knows no graphics device on this system');
  const reference = await takeSteps(requestFor(program, 'cpu', options, timedSteps));
  const refusals: string[] = [];
  for (const device of found) {
    const { name } = devices[device];
    try {
      const trial = await checkDevice(program, device, options, { timedSteps, timeoutSeconds, reference, offered });
      const times = `a step takes ${milliseconds(trial.seconds)} on ${name} and ${milliseconds(reference.seconds)} on the processor`;
      if (trial.software) refusals.push(`${name} is computed by the processor here`);
      else if (trial.seconds * advantage > reference.seconds) refusals.push(times);
      else {
        const others = refusals.length > 0 ? ` (${refusals.join('; ')})` : '';
        return { device, reason: `In a trial ${times}${others}.`, placement: trial.placement };
      }
    } catch (error) {
      refusals.push(`${name} does not work here: ${firstLine(error)}`);
    }
  }
  return processor(options.threads, refusals.join('; '));
}

const processor = (threads: number, why: string): Choice => ({
  device: 'cpu',
  reason: `Computed with ${threads} ${threads === 1 ? 'thread' : 'threads'}, since ${why}.`,
});

/** Whether it makes sense to ask a driver at all; on Linux a graphics device is a file. */
function mayHaveGraphicsDevice(): boolean {
  return process.platform !== 'linux' || ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some((file) => existsSync(file));
}

const milliseconds = (seconds: number): string => `${Number((1000 * seconds).toPrecision(2))} ms`;

/** Chooses devices and tries them, on this machine. */
export const deviceFinder: DeviceFinder = {
  devices,
  async find(program, options) {
    if (options.device === 'auto') return chooseDevice(program, options);
    const { device } = options;
    try {
      const { placement } = await checkDevice(program, device, options);
      return { device, reason: 'As asked for.', placement };
    } catch (error) {
      return { device: 'cpu', reason: `${devices[device].name} does not work here: ${firstLine(error)}.` };
    }
  },
};
