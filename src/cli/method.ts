import { recordOf } from '../model/fields';
import { lossOfKind, type Loss, type LossRecords } from '../model/losses';
import { defaultModel, type Model } from '../model/model';
import { noPenaltyOf, type FactorPenalty, type PenaltyName } from '../model/penalties';
import { presetOf, type Preset, type PresetId } from '../model/presets';
import { sharedOptions, solverIdsOf, solverWith, type SharedOption, type SolverOptions } from '../model/solvers';
import { vocabulary, type Vocabulary } from '../model/vocabulary';
import { constraintsFrom, withSigns } from './constraint';
import { UsageError } from './errors';
import { choice, pair, valueOf, type Given } from './values';

/** Options of the command line that weigh a penalty, each with its name. */
export const penaltyOptions = ({ penalties }: Pick<Vocabulary, 'penalties'>): [option: string, name: PenaltyName][] =>
  Object.entries(penalties).flatMap(([name, { weight }]) =>
    weight.option ? [[weight.option.name, name as PenaltyName]] : [],
  );

/** Options of the command line that belong to a loss, with what has them. */
export const lossOptions = (losses: LossRecords): { name: string; kind: string; key: string }[] =>
  Object.entries(losses).flatMap(([kind, { options = {} }]) =>
    Object.entries(options).flatMap(([key, { option }]) => (option ? [{ name: option.name, kind, key }] : [])),
  );

/** The preset that was named; undefined where none was. @throws UsageError listing them */
export const presetFrom = (name: string | undefined, words: Vocabulary = vocabulary): Preset | undefined =>
  name === undefined
    ? undefined
    : presetOf(choice('preset', name, Object.keys(words.presets)) as PresetId, words.presets);

/**
 * The preset's model, or the plain one, with what the other options change of it.
 * @throws UsageError naming the option
 */
export function modelFrom(given: Given, words: Vocabulary = vocabulary): Model {
  const base = presetFrom(given['preset'], words)?.model ?? defaultModel;
  const weights: Partial<Record<PenaltyName, { W: number; H: number }>> = {};
  for (const [option, name] of penaltyOptions(words)) {
    const text = given[option];
    if (text === undefined) continue;
    const { weight } = recordOf(words.penalties, name);
    weights[name] = weightsOf(base, name, pair(option, text, weight), /^[^,]+$/.test(text));
  }
  // A weight that is given is meant as it is.
  const relative = (base.relative ?? []).filter((name) => weights[name] === undefined);
  const penalty = (factor: 'W' | 'H'): FactorPenalty => ({
    ...(noPenaltyOf(words.penalties) as FactorPenalty),
    ...base.penalties[factor],
    ...Object.fromEntries(Object.entries(weights).map(([name, pair]) => [name, pair[factor]])),
  });
  return {
    loss: lossFrom(base.loss, given, words.losses),
    penalties: { W: penalty('W'), H: penalty('H') },
    constraints: askedConstraints(base.constraints, given['nonnegative'], given['constrain'], words),
    // One number stands for all; two say nothing of the biases.
    ...(base.biases && {
      biases: weights.l2?.W === weights.l2?.H ? { l2: weights.l2?.W ?? base.biases.l2 } : base.biases,
    }),
    ...(relative.length > 0 && { relative }),
  };
}

/** One number alone is that of the factor which the preset penalises so, where it is one: to penalise the other as well would be another model. */
function weightsOf(
  { penalties }: Model,
  name: PenaltyName,
  { W, H }: { W: number; H: number },
  one: boolean,
): { W: number; H: number } {
  const [ofW, ofH] = [penalties.W[name] > 0, penalties.H[name] > 0];
  return one && ofW !== ofH ? { W: ofW ? W : 0, H: ofH ? H : 0 } : { W, H };
}

function lossFrom(base: Loss, given: Given, records: LossRecords): Loss {
  const name = given['loss'];
  const kind = name === undefined ? base.kind : choice('loss', name, Object.keys(records));
  const asked = lossOptions(records).filter((option) => given[option.name] !== undefined);
  const foreign = asked.find((option) => !asked.some((own) => own.kind === kind && own.name === option.name));
  if (foreign) {
    const owners = asked.filter((option) => option.name === foreign.name).map((option) => option.kind);
    throw new UsageError(`--${foreign.name} belongs to --loss ${either(owners)}, not to ${kind}.`);
  }
  const loss: Record<string, unknown> = { ...(kind === base.kind ? base : lossOfKind(kind, records)) };
  for (const { name: option, key } of asked.filter((own) => own.kind === kind)) {
    const field = recordOf(recordOf(records, kind).options ?? {}, key);
    const text = given[option] ?? '';
    const auto = field.kind === 'number' ? field.auto : undefined;
    if (auto !== undefined) delete loss[auto];
    if (auto !== undefined && text.toLowerCase() === 'auto') Object.assign(loss, { [key]: 0, [auto]: true });
    else loss[key] = valueOf(field, option, text);
  }
  return loss as Loss;
}

function askedConstraints(
  base: Model['constraints'],
  nonnegative: string | undefined,
  constrain: string | undefined,
  { constraints }: Vocabulary,
): Model['constraints'] {
  if (constrain === undefined) return nonnegative === undefined ? base : withSigns(base, nonnegative);
  if (nonnegative !== undefined) {
    throw new UsageError(
      '--nonnegative is the short form of --constrain non-negative; give one of the two, such as --constrain non-negative+unit-norm.',
    );
  }
  return constraintsFrom(constrain, constraints);
}

/**
 * The solver, or the preset's own; an option that only some solvers have asks, without one, for the first that has it.
 * @throws UsageError naming the option
 */
export function solverFrom(given: Given, preset?: Preset, { solvers }: Vocabulary = vocabulary): SolverOptions {
  const asked = sharedOptions(solvers).filter(({ name }) => given[name] !== undefined);
  const named = given['solver'];
  if (preset?.solver && named === undefined && asked.length === 0) return preset.solver;
  const id = choice('solver', named ?? suggested(asked), solverIdsOf(solvers));
  const changes: Record<string, unknown> = {};
  // First those that fewer solvers have: what they belong to says more.
  for (const { name, owners } of [...asked].sort((a, b) => a.owners.length - b.owners.length)) {
    const own = owners.find((owner) => owner.id === id);
    if (!own) {
      throw new UsageError(`--${name} belongs to --solver ${either(owners.map((owner) => owner.id))}, not to ${id}.`);
    }
    changes[own.key] = valueOf(own.field, name, given[name] ?? '');
  }
  return id === 'auto' ? { id } : solverWith(id, changes, solvers);
}

/** The first solver that has all of some options, or else the first of them; `auto` where there are none. */
function suggested(asked: readonly SharedOption[]): string {
  const [first] = asked;
  if (!first) return 'auto';
  const ofAll = first.owners.find(({ id }) => asked.every(({ owners }) => owners.some((owner) => owner.id === id)));
  return (ofAll ?? first.owners[0])?.id ?? 'auto';
}

/** `ngd, adam or momentum`. */
export const either = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
