import { is } from '../graph';
import { lowerLoop } from '../lower/program';
import { namesOf, withoutLoops, type StepNames, type StepProgram } from '../step-program';
import { rewriteForDevice } from '../lower/device-rewrites';
import { lowerSteps, type LoweredSteps } from '../lower/program';
import type { Tensor } from '../tensor';
import type { DeviceId } from './device';
import { devices } from './devices';
import type { Precision } from './values';

/** A program written for a device, as plain data: it can be handed to another process. */
export interface Lowered {
  readonly names: StepNames;
  readonly models: { readonly form: 'loop'; readonly loop: Uint8Array } | ({ readonly form: 'steps' } & LoweredSteps);
}

export function lowerFor(device: DeviceId, program: StepProgram, precision: Precision): Lowered {
  const { form, rules, replacements } = devices[device];
  const suited = rewriteForDevice(form === 'steps' ? withoutLoops(program) : program, rules);
  const models =
    form === 'loop' ? { form, loop: lowerLoop(suited, precision) } : { form, ...lowerSteps(suited, replacements) };
  return { names: namesOf(suited), models };
}

/** What the program's shared values begin with. */
export function initialValues(program: StepProgram): Map<string, Tensor> {
  const initial = new Map<string, Tensor>();
  for (const [name, { node }] of program.states) if (is(node, 'shared')) initial.set(name, node.attributes.initial);
  return initial;
}
