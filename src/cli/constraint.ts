import { constraintOf, type ConstraintId } from '../model/constraints';
import type { Constraint } from '../model/constraints';
import type { Model } from '../model/model';
import { UsageError } from './errors';
import { choice, number } from './values';

/** What `--constrain` knows by name; a box comes with its bounds. */
export const constraintNames = ['none', 'non-negative', 'box', 'unit-ball', 'unit-norm', 'simplex'] as const;

/** What of them goes together, written with a plus between. */
export const combinations = ['non-negative+unit-ball', 'non-negative+unit-norm'] as const satisfies ConstraintId[];

const example = 'such as --constrain none,unit-norm';

/**
 * One constraint for both factors, or two, W's and H's, separated by a comma.
 * @throws UsageError saying what is wanted
 */
export function constraintsFrom(text: string): Model['constraints'] {
  const [first = '', second = first, ...more] = text.split(',').map((part) => part.trim().toLowerCase());
  if (more.length > 0 || first === '' || second === '') {
    throw new UsageError(
      `--constrain wants one constraint for both factors or two, W's and H's, separated by a comma, ${example}, not "${text}".`,
    );
  }
  return { W: constraintFrom(first), H: constraintFrom(second) };
}

function constraintFrom(text: string): Constraint {
  const parts = text.split('+').map((part) => part.trim());
  const [first = '', second, ...more] = parts;
  if (second === undefined) return single(first);
  const kinds = [single(first), single(second)];
  const signed = kinds.find(({ kind }) => kind === 'unit-ball' || kind === 'unit-norm');
  if (more.length > 0 || !signed || !kinds.some(({ kind }) => kind === 'non-negative')) {
    throw new UsageError(
      `--constrain knows the combinations ${combinations.join(' and ')}, not "${text}"; a simplex is non-negative by itself, and so is a box such as box:0:1.`,
    );
  }
  return constraintOf(`non-negative+${signed.kind as 'unit-ball' | 'unit-norm'}`);
}

function single(text: string): Constraint {
  const [name = '', ...bounds] = text.split(':');
  const kind = choice('constrain', name, constraintNames);
  if (kind === 'box') return boxFrom(text, bounds);
  if (bounds.length > 0)
    throw new UsageError(`--constrain takes numbers with a box alone, not with ${kind}: "${text}".`);
  return constraintOf(kind);
}

function boxFrom(text: string, bounds: readonly string[]): Constraint {
  const [least, most, ...more] = bounds;
  if (least === undefined || most === undefined || more.length > 0) {
    throw new UsageError(`--constrain wants a box with its bounds, box:LEAST:MOST, such as box:0:1, not "${text}".`);
  }
  const range = { minimum: -1e30, maximum: 1e30 };
  const box = {
    kind: 'box',
    least: number('constrain', least, range),
    most: number('constrain', most, range),
  } as const;
  if (box.least > box.most) {
    throw new UsageError(`--constrain wants the smaller bound of a box first, box:${most}:${least}, not "${text}".`);
  }
  return box;
}

/** What `--nonnegative` makes of a model's constraints: it adds or takes away the sign alone. */
export function withSigns(base: Model['constraints'], text: string): Model['constraints'] {
  const which = choice('nonnegative', text, ['none', 'w', 'h', 'both']);
  const constraint = (factor: 'w' | 'h', present: Constraint): Constraint => {
    const nonNegative = which === factor || which === 'both';
    if (present.kind === 'unit-ball' || present.kind === 'unit-norm') return { ...present, nonNegative };
    if (nonNegative) return { kind: 'non-negative' };
    return present.kind === 'non-negative' ? { kind: 'none' } : present;
  };
  return { W: constraint('w', base.W), H: constraint('h', base.H) };
}
