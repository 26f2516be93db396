import {
  devices,
  knownSizes,
  lowerFor,
  runtime,
  type DeviceId,
  type FloatArray,
  type Node,
  type Precision,
  type Shape,
  type StepProgram,
} from '../engine';
import { DeviceAbsentError, tryOut, type TrialRequest, type TrialResult } from './trial';
import { trial } from './trial-process';

interface Conditions {
  readonly precision: Precision;
  readonly threads: number;
}

/** A size that nothing tells before a run is tried as this one. */
const unknownSize = 64;

/** What `tryOut` needs to take steps of a program on a device. */
export function requestFor(
  program: StepProgram,
  device: DeviceId,
  { precision, threads }: Conditions,
  timedSteps: number,
): TrialRequest {
  const sizes = knownSizes(program);
  const known = (shape: Shape): number[] =>
    shape.map((dim) => (typeof dim === 'number' ? dim : (sizes.get(dim) ?? unknownSize)));
  const shapes = (nodes: Iterable<readonly [string, Node]>): Map<string, number[]> =>
    new Map(Array.from(nodes, ([name, node]) => [name, known(node.shape)]));
  return {
    device,
    lowered: lowerFor(device, program, precision),
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
    reference?: TrialResult;
    offered?: readonly string[];
  } = {},
): Promise<TrialResult> {
  const { name, float64 } = devices[device];
  if (conditions.precision === 'float64' && !float64) throw new Error('it computes in float32 alone');
  if (!(offered ?? (await offeredDevices())).includes(device))
    throw new Error('ONNX Runtime has no such device on this system');
  const failure = failures.get(device);
  if (failure !== undefined) throw new Error(failure);
  const result = await trial(requestFor(program, device, conditions, timedSteps), timeoutSeconds).catch(
    (error: unknown) => {
      if (error instanceof DeviceAbsentError) failures.set(device, error.message);
      throw error;
    },
  );
  const expected = reference ?? (await tryOut(requestFor(program, 'cpu', conditions, 0)));
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
