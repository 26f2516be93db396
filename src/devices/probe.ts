import { fork } from 'node:child_process';
import {
  firstLine,
  knownSizes,
  lower,
  runtime,
  type DeviceId,
  type FloatArray,
  type Node,
  type Precision,
  type Shape,
  type StepProgram,
} from '../engine';
import { DeviceAbsentError, takeSteps, type ProbeRequest, type ProbeResult } from './probe-steps';
import { devices } from './table';

interface Conditions {
  readonly precision: Precision;
  readonly threads: number;
}

/** A size that nothing tells before a run is tried as this one. */
const unknownSize = 64;

/** What `takeSteps` needs to take steps of a program on a device. */
export function requestFor(
  program: StepProgram,
  device: DeviceId,
  { precision, threads }: Conditions,
  timedSteps: number,
): ProbeRequest {
  const sizes = knownSizes(program);
  const known = (shape: Shape): number[] =>
    shape.map((dim) => (typeof dim === 'number' ? dim : (sizes.get(dim) ?? unknownSize)));
  const shapes = (nodes: Iterable<readonly [string, Node]>): Map<string, number[]> =>
    new Map(Array.from(nodes, ([name, node]) => [name, known(node.shape)]));
  return {
    device,
    lowered: lower(program, devices[device], precision),
    precision,
    threads,
    inputs: shapes(program.inputs),
    sequences: [...program.sequences.keys()],
    states: shapes(Array.from(program.states, ([name, { node }]) => [name, node] as const)),
    timedSteps,
  };
}

/** Names of the devices that this system's ONNX Runtime was built for. */
export async function offeredDevices(): Promise<string[]> {
  const { ort } = await runtime();
  return ort.listSupportedBackends().map(({ name }) => name);
}

/** Why devices did not work when they were first tried: a driver is not asked twice. */
const failures = new Map<DeviceId, string>();

/**
 * Tries a program on a device, and compares its first step with the processor's.
 * @throws Error where the device is not there, does not work, or computes something else
 */
export async function checkDevice(
  program: StepProgram,
  device: DeviceId,
  conditions: Conditions,
  {
    timedSteps = 0,
    timeoutSeconds = 120,
    reference,
    offered,
  }: {
    timedSteps?: number;
    timeoutSeconds?: number;
    reference?: ProbeResult;
    offered?: readonly string[];
  } = {},
): Promise<ProbeResult> {
  const { name, float64 } = devices[device];
  if (conditions.precision === 'float64' && !float64) throw new Error('it computes in float32 alone');
  if (!(offered ?? (await offeredDevices())).includes(device))
    throw new Error('ONNX Runtime has no such device on this system');
  const failure = failures.get(device);
  if (failure !== undefined) throw new Error(failure);
  const result = await probeApart(requestFor(program, device, conditions, timedSteps), timeoutSeconds).catch(
    (error: unknown) => {
      if (error instanceof DeviceAbsentError) failures.set(device, error.message);
      throw error;
    },
  );
  const expected = reference ?? (await takeSteps(requestFor(program, 'cpu', conditions, 0)));
  const wrong = disagreement(result.values, expected.values);
  if (wrong !== undefined) throw new Error(`a step on ${name} gave ${wrong}`);
  return result;
}

/** Share of a value's norm within which a device must agree with the processor: float32 sums in another order, and no less. */
const tolerance = 1e-3;

/** Where two trials differ, in words; undefined where they agree. */
function disagreement(
  actual: ReadonlyMap<string, FloatArray>,
  expected: ReadonlyMap<string, FloatArray>,
): string | undefined {
  for (const [name, values] of expected) {
    const others = actual.get(name) ?? new Float32Array();
    // What is not finite on the processor says nothing about the device.
    if (!values.every(Number.isFinite)) continue;
    let [squares, differences] = [0, 0];
    values.forEach((x, i) => {
      squares += x * x;
      differences += (x - (others[i] ?? NaN)) ** 2;
    });
    const [norm, distance] = [Math.sqrt(squares), Math.sqrt(differences)];
    if (!(distance <= tolerance * norm + Number.EPSILON)) {
      const what = name.replace(/^(output|shared_\d+)_/, '');
      return `another ${what} than on the processor: ${distance.toPrecision(2)} away, at a norm of ${norm.toPrecision(2)}`;
    }
  }
  return undefined;
}

/** What the process that tries a device sends. */
export type ProbeAnswer = { readonly result: ProbeResult } | { readonly error: string; readonly absent: boolean };

let script: string | undefined;

/**
 * Names the file whose process tries devices: a graphics driver that aborts takes its process with it, so that must not
 * be the one that computes. Without one, devices are tried where the engine runs.
 */
export function probeDevicesIn(file: string | undefined): void {
  script = file;
}

/** Most of a process's error output that is kept, in characters. */
const outputKept = 2000;

/** Takes a few steps of a program on a device. @throws Error where the device does not work, in one line */
function probeApart(request: ProbeRequest, timeoutSeconds: number): Promise<ProbeResult> {
  if (script === undefined) return takeSteps(request);
  const child = fork(script, [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let output = '';
  child.stderr?.on('data', (data: Buffer) => {
    output = (output + data.toString()).slice(-outputKept);
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`no answer within ${timeoutSeconds} s`));
    }, timeoutSeconds * 1000);
    child.once('message', (answer: ProbeAnswer) => {
      clearTimeout(timer);
      // What is wanted is known; how the driver unloads is its own affair.
      child.kill('SIGKILL');
      if ('result' in answer) resolve(answer.result);
      else reject(answer.absent ? new DeviceAbsentError(answer.error) : new Error(answer.error));
    });
    child.once('error', (error) => reject(error));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(
        new DeviceAbsentError(
          `its driver ended the process (${signal ?? `exit code ${code ?? 'unknown'}`})${lastLine(output)}`,
        ),
      );
    });
    child.send(request, (error) => {
      // The end of a process that takes no message is told by its exit.
      if (error) output += firstLine(error);
    });
  });
}

function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line}`;
}
