import type { FactorizationSettings } from '../model/settings';
import type { Constraint } from '../model/constraints';
import { fieldsOf, recordOf, type Field } from '../model/fields';
import type { Loss } from '../model/losses';
import { automatic, type SolverOptions } from '../model/solvers';
import { vocabulary, type Vocabulary } from '../model/vocabulary';
import { count, number } from '../wording/figures';
import { preparedX } from './prepared-text';

type Values = Readonly<Record<string, unknown>>;

/** What is minimised, as a formula, e.g. `Σ(X − WH)² + 2·Σ|W|, W ≥ 0`; of prepared data with what was done to X. */
export function objectiveText(
  { model, preparation }: Pick<FactorizationSettings, 'model' | 'preparation'>,
  words: Vocabulary = vocabulary,
): string {
  const { loss, penalties, constraints, biases } = model;
  // The mean of a model with biases has the usual letter.
  const prepared = preparedX(preparation, biases ? ['m', 'n'] : undefined);
  const plain = lossText(loss, words).replace('X', prepared);
  const terms = [biases ? plain.replaceAll('WH', '(μ + b + c + WH)') : plain];
  for (const name of ['W', 'H'] as const) {
    const weights: Values = penalties[name];
    for (const [penalty, { formula }] of Object.entries(words.penalties)) {
      const weight = Number(weights[penalty] ?? 0);
      if (weight > 0) terms.push(`${times(weight)}${formula[name]}`);
    }
  }
  if (biases && biases.l2 > 0) terms.push(`${times(biases.l2)}(Σb² + Σc²)`);
  const bounds = (['W', 'H'] as const).flatMap((name) => constraintText(constraints[name], name, words) ?? []);
  return [terms.join(' + '), ...bounds].join(', ');
}

/** A coefficient before a term: nothing where it is 1. */
const times = (weight: number): string => (weight === 1 ? '' : `${number(weight)}·`);

/** The loss, with its numbers and where they are from, e.g. `Σ Huber(X − WH), δ = 2, from the data`. */
function lossText(loss: Loss, { losses }: Vocabulary): string {
  const { formula, options } = recordOf(losses, loss.kind);
  const values: Values = loss;
  const numbers = fieldsOf(options, 'number').map(([name, { symbol, noun, auto }]) => {
    const found = auto !== undefined && values[auto] === true;
    const value = Number(values[name]);
    const parts = [
      ...(auto !== undefined && value === 0 ? [] : [`= ${number(value)}`]),
      ...(found ? ['from the data'] : []),
    ];
    return `${symbol ?? noun} ${parts.join(', ')}`.trimEnd();
  });
  return [formula, ...numbers].join(', ');
}

function constraintText(constraint: Constraint, name: string, { constraints }: Vocabulary): string | undefined {
  const { formula } = recordOf(constraints, constraint.kind);
  if (formula === undefined) return undefined;
  const values: Values = constraint;
  const own = formula
    .replace(/\bF\b/g, name)
    .replace(/\{(\w+)\}/g, (_, option: string) => number(Number(values[option])));
  return values['nonNegative'] === true ? `${name} ≥ 0, ${own}` : own;
}

/** A solver with its options, e.g. `Adam, rate 0.3`. */
export function solverText(solver: SolverOptions, { solvers }: Vocabulary = vocabulary): string {
  if (solver.id === 'auto') return automatic.summary;
  const { label, summary = label, options = {} } = recordOf(solvers, solver.id);
  const values: Values = solver;
  const shown = new Set<string>();
  const text = summary.replace(/\{(\w+)\}/g, (_, name: string) => {
    shown.add(name);
    return optionText(recordOf(options, name), values[name]);
  });
  const others = Object.entries(options).filter(([name]) => !shown.has(name) && values[name] !== undefined);
  return [text, ...others.map(([name, field]) => `${field.noun} ${optionText(field, values[name])}`)].join(', ');
}

export function optionText(field: Field, value: unknown): string {
  switch (field.kind) {
    case 'number':
      return field.counts === undefined ? number(Number(value)) : count(Number(value), field.counts);
    case 'choice':
      return field.short?.[String(value)] ?? String(value);
    case 'flag':
    case 'mark':
      return value === true ? 'yes' : 'no';
  }
}
