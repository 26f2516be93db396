import assert from 'node:assert/strict';
import { configurationOf } from '../../../scripts/model/configuration';
import { referenceOf } from '../../../scripts/model/reference';
import { UsageError } from '../../../src/cli/errors';
import { helpText } from '../../../src/cli/help';
import { parseCommandLine } from '../../../src/cli/options';
import {
  constraintChoicesOf,
  constraintLabel,
  lossChoicesOf,
  lossLabel,
  parseNumbers,
  parseOption,
  penaltyChoicesOf,
} from '../../../src/commands/custom-model';
import { methodsOf } from '../../../src/commands/methods';
import { runFrom, solverFrom, stoppingFrom } from '../../../src/commands/model-settings';
import { settingsSchema, type FactorizationSettings } from '../../../src/model/settings';
import { settingsFacts } from '../../../src/inspector/facts';
import { objectiveText, solverText } from '../../../src/inspector/model-text';
import type { NumberedKind } from '../../../src/model/constraints';
import { choice, number, optional, whole } from '../../../src/model/fields';
import type { Loss } from '../../../src/model/losses';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { problemOf } from '../../../src/model/ranges';
import type { SolverOptions } from '../../../src/model/solvers';
import { vocabulary, type Vocabulary } from '../../../src/model/vocabulary';
import { readAs } from '../../../src/untrusted/schema';
import { settingsOf } from '../../support/factorizations';

const shape = number({
  noun: 'shape',
  sentence: 'Where the loss turns',
  symbol: 'τ',
  above: 0,
  default: 2,
  example: 3,
  option: { name: 'shape', value: 'τ', help: 'where the log-cosh loss turns ({default})' },
});

const decay = number({
  noun: 'decay',
  sentence: 'The part of the mean that stays',
  least: 0,
  below: 1,
  default: 0.9,
  example: 0.9,
  option: { name: 'decay', value: 'ρ', help: 'decay of {owners}' },
  setting: { name: 'decay', words: 'How much of the mean square stays.' },
});

const order = choice(
  { cyclic: 'One component after the other.', random: 'Components in an order of chance.' },
  {
    noun: 'order',
    default: 'cyclic',
    option: { name: 'order', value: 'NAME', help: 'of {owners}: {names} ({default})' },
    setting: { name: 'order', words: 'Which component is next.' },
  },
);

/** The records with a loss, a penalty, a constraint, a solver and options more. */
const words: Vocabulary = {
  ...vocabulary,
  losses: {
    ...vocabulary.losses,
    'log-cosh': {
      label: 'Log-cosh',
      detail: 'Smooth where Huber turns.',
      formula: 'Σ ln cosh(X − WH)',
      entry: 'ln cosh(x − y)',
      domain: { least: -5, words: 'numbers of at least -5' },
      options: { shape },
    },
  },
  penalties: {
    ...vocabulary.penalties,
    entropy: {
      label: 'Entropy',
      detail: 'Σ F·ln F: even rows.',
      formula: { W: 'ΣW·ln W', H: 'ΣH·ln H' },
      weight: number({
        noun: 'entropy penalty',
        least: 0,
        default: 0,
        option: { name: 'entropy', value: 'εW,εH', help: 'penalties on the entropy ({default})' },
      }),
      power: 1,
      later: true,
    },
  },
  constraints: {
    ...vocabulary.constraints,
    'row-sum': {
      label: 'Row Sum',
      detail: 'Every row has a sum.',
      formula: 'rows of F with sum {sum}',
      options: { sum: number({ noun: 'sum', above: 0, default: 1 }) },
      numbers: { noun: 'sum', prompt: 'The sum of a row of F', wanted: 'Give the sum of a row', example: [2] },
    },
  },
  solvers: {
    ...vocabulary.solvers,
    rmsprop: {
      label: 'RMSprop',
      detail: 'noisy objectives.',
      method: 'Steps divided by a mean of squares.',
      options: { decay },
    },
    hals: { ...vocabulary.solvers['hals']!, options: { ...vocabulary.solvers['hals']!.options, order } },
  },
  stopping: {
    ...vocabulary.stopping,
    rounds: whole({
      noun: 'rounds',
      least: 1,
      most: 9,
      default: 3,
      option: { name: 'rounds', value: 'N', help: 'rounds at most ({default})' },
      setting: { name: 'rounds', words: 'Rounds of each start.' },
    }),
  },
  run: {
    ...vocabulary.run,
    warmth: optional(
      number({
        noun: 'warmth',
        above: 0,
        most: 2,
        default: 1,
        option: { name: 'warmth', value: 'T', help: 'how warm a run is' },
        setting: { name: 'warmth', words: 'How warm every run is.' },
      }),
    ),
    pace: choice(
      { even: 'Always alike.', brisk: 'Faster at first.' },
      {
        noun: 'pace',
        default: 'even',
        option: { name: 'pace', value: 'NAME', help: 'of a run: {names} ({default})' },
        setting: { name: 'pace', words: 'How a run goes.' },
      },
    ),
  },
};

const settingsFrom = (...args: string[]): FactorizationSettings => {
  const command = parseCommandLine(['x.csv', ...args], words);
  assert.ok(command.kind === 'run');
  return command.settings;
};

const refuses = (args: string[], message: RegExp): void => {
  assert.throws(
    () => settingsFrom(...args),
    (error) => error instanceof UsageError && message.test(error.message),
  );
};

/** A model of all that is added. */
const added: Model = {
  ...defaultModel,
  loss: { kind: 'log-cosh', shape: 4 } as unknown as Loss,
  penalties: { W: { ...noPenalty, entropy: 3 } as Model['penalties']['W'], H: noPenalty },
  constraints: { W: { kind: 'none' }, H: { kind: 'row-sum', sum: 2 } as unknown as Model['constraints']['H'] },
};

describe('what is added to the records', () => {
  it('is an option of the command line, held to its range', () => {
    const { model, stopping } = settingsFrom(
      ...['--loss', 'log-cosh', '--shape', '4', '--entropy', '3,0', '--constrain', 'none,row-sum:2', '--rounds', '5'],
    );
    assert.deepEqual(model.loss, added.loss);
    assert.deepEqual(model.penalties.W, { ...noPenalty, entropy: 3 });
    assert.deepEqual(model.constraints, added.constraints);
    assert.deepEqual(stopping, { iterations: 500, tolerance: 1e-5, rounds: 5 });
    assert.deepEqual(settingsFrom('--solver', 'rmsprop', '--decay', '0.5').solver, { id: 'rmsprop', decay: 0.5 });
    assert.deepEqual(settingsFrom('--decay', '0.5').solver, { id: 'rmsprop', decay: 0.5 });
    assert.deepEqual(settingsFrom('--solver', 'hals', '--order', 'random').solver, {
      id: 'hals',
      sweeps: 2,
      order: 'random',
    });
    const plain = settingsFrom();
    assert.deepEqual(settingsFrom('--warmth', '1.5', '--pace', 'brisk'), { ...plain, warmth: 1.5, pace: 'brisk' });
    assert.equal('warmth' in plain, false);
    refuses(['--warmth', '3'], /--warmth wants a number greater than 0, at most 2/);
    refuses(['--pace', 'brsk'], /--pace wants one of even, brisk, .*Did you mean brisk\?/);
    refuses(['--loss', 'log-csh'], /Did you mean log-cosh\?/);
    refuses(['--loss', 'log-cosh', '--shape', '0'], /--shape wants a number greater than 0/);
    refuses(['--shape', '2'], /--shape belongs to --loss log-cosh, not to squared/);
    refuses(['--entropy', '-1'], /--entropy wants a number from 0/);
    refuses(['--constrain', 'row-sum:0'], /--constrain wants a number greater than 0/);
    refuses(['--constrain', 'row-sum'], /a row-sum with its sum, row-sum:SUM, such as row-sum:2/);
    refuses(['--solver', 'rmsprop', '--decay', '1'], /--decay wants a number from 0 to less than 1/);
    refuses(['--solver', 'mu', '--decay', '0.5'], /--decay belongs to --solver rmsprop, not to mu/);
    refuses(['--solver', 'hals', '--order', 'cyclc'], /--order wants one of cyclic, random, .*Did you mean cyclic\?/);
    refuses(['--rounds', '10'], /--rounds wants a whole number from 1 to 9/);
  });

  it('stands in the help', () => {
    const help = helpText(words);
    for (const line of [
      /instead of the square: .*\n.*log-cosh/,
      /--shape τ +where the log-cosh loss turns \(2\)/,
      /row-sum:SUM/,
      /--entropy εW,εH +penalties on the entropy \(0\)/,
      /--solver NAME .*\n?.*rmsprop/,
      /--decay ρ +decay of rmsprop \(0\.9\)/,
      /--order NAME +of hals: cyclic, random \(cyclic\)/,
      /--rounds N +rounds at most \(3\)/,
      /--warmth T +how warm a run is/,
      /--pace NAME +of a run: even, brisk \(even\)/,
    ]) {
      assert.match(help, line);
    }
  });

  it('is offered by the picker, with what it asks', () => {
    assert.ok(lossChoicesOf(words.losses).some(({ label }) => label === 'Log-cosh'));
    assert.ok(penaltyChoicesOf(words.penalties).some(({ label }) => label === 'Entropy'));
    assert.ok(constraintChoicesOf(words.constraints).some(({ label }) => label === 'Row Sum'));
    assert.equal(lossLabel(added.loss, words.losses), 'Log-cosh, τ = 4');
    assert.equal(constraintLabel(added.constraints.H, words.constraints), 'Row Sum, 2');
    assert.deepEqual(parseOption(shape, '0'), { problem: 'Give a number above 0, e.g. 3.' });
    const kind = 'row-sum' as NumberedKind;
    assert.deepEqual(parseNumbers(kind, '2', words.constraints), { constraint: added.constraints.H });
    assert.deepEqual(parseNumbers(kind, '0', words.constraints), { problem: 'Give the sum of a row, e.g. 2.' });
    const presets = { ...words.presets, even: { label: 'Even', description: '', detail: '', model: added } };
    assert.ok(methodsOf({ ...words, presets }).some(({ label }) => label === 'Even'));
  });

  it('is a setting of the editor, declared in the manifest and read', () => {
    const properties = configurationOf({}, words);
    assert.ok(properties['factorlens.solver']?.enum?.includes('rmsprop'));
    assert.ok(properties['factorlens.solver']?.enumDescriptions?.includes('RMSprop: noisy objectives.'));
    assert.equal(properties['factorlens.decay']?.default, 0.9);
    assert.deepEqual(properties['factorlens.order']?.enum, ['cyclic', 'random']);
    assert.deepEqual([properties['factorlens.rounds']?.type, properties['factorlens.rounds']?.maximum], ['integer', 9]);

    const settings: Record<string, unknown> = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name.replace('factorlens.', ''), property.default]),
    );
    const reading = (changes: Record<string, unknown>) => (name: string) => ({ ...settings, ...changes })[name];
    assert.deepEqual(solverFrom(reading({ solver: 'rmsprop', decay: 0.25 }), words), { id: 'rmsprop', decay: 0.25 });
    assert.deepEqual(solverFrom(reading({ solver: 'hals', order: 'random' }), words), {
      id: 'hals',
      sweeps: 2,
      order: 'random',
    });
    assert.deepEqual(stoppingFrom(reading({ rounds: 7 }), words), { iterations: 500, tolerance: 1e-5, rounds: 7 });
    assert.deepEqual(runFrom(reading({})), { restarts: 5, seed: 0, device: 'auto' });
    assert.deepEqual(runFrom(reading({ warmth: 2, pace: 'brisk' }), words), {
      ...{ restarts: 5, seed: 0, device: 'auto' },
      ...{ warmth: 2, pace: 'brisk' },
    });
    assert.throws(
      () => solverFrom(reading({ solver: 'rmsprop', decay: 1 }), words),
      /factorlens\.decay must be a number from 0 to less than 1, and is 1/,
    );
    assert.throws(
      () => stoppingFrom(reading({ rounds: 0 }), words),
      /factorlens\.rounds must be a whole number from 1 to 9, and is 0/,
    );
  });

  it('is checked against its range', () => {
    assert.equal(problemOf(decay, 1), 'The decay is 1; give a number from 0 to less than 1, such as 0.9.');
    assert.equal(problemOf(shape, 0), 'The shape is 0; give a number above 0, such as 3.');
    assert.equal(problemOf(shape, 1), undefined);
  });

  it('is read from saved results, and results from before it as without it', () => {
    const schema = settingsSchema(words);
    const solver = { id: 'rmsprop', decay: 0.5 } as unknown as SolverOptions;
    const stopping = { iterations: 1, tolerance: 0, rounds: 2 };
    const both = { W: { ...noPenalty, entropy: 3 }, H: { ...noPenalty, entropy: 0 } };
    const run = { warmth: 0.5, pace: 'brisk' };
    const saved = { ...settingsOf(), ...run, stopping, solver, model: { ...added, penalties: both } };
    const read1 = readAs(schema, JSON.parse(JSON.stringify(saved)), 'settings');
    assert.deepEqual(read1.model, saved.model);
    assert.deepEqual(read1.solver, solver);
    assert.deepEqual(read1.stopping, stopping);
    assert.deepEqual(read1, saved);
    const before = readAs(schema, JSON.parse(JSON.stringify({ ...saved, model: defaultModel })), 'settings');
    assert.deepEqual(before.model.penalties.W, { ...noPenalty, entropy: 0 });
    assert.throws(
      () => readAs(schema, { ...saved, solver: { id: 'rmsprop', decay: -1 } }, 'settings'),
      /settings\.solver\.decay must be/,
    );
    assert.throws(() => readAs(settingsSchema(), saved, 'settings'), /settings\.model\.loss\.kind must be one of/);
  });

  it('has its words in the inspector', () => {
    assert.equal(objectiveText({ model: added }, words), 'Σ ln cosh(X − WH), τ = 4 + 3·ΣW·ln W, rows of H with sum 2');
    const warm = settingsFrom('--warmth', '0.5', '--rounds', '4');
    const facts = settingsFacts(warm, words);
    assert.equal(facts.find(({ label }) => label === 'Warmth')?.value, '0.5');
    assert.equal(facts.find(({ label }) => label === 'Pace')?.value, 'even');
    assert.equal(facts.find(({ label }) => label === 'Rounds')?.value, '4');
    assert.equal(solverText({ id: 'rmsprop', decay: 0.5 } as unknown as SolverOptions, words), 'RMSprop, decay 0.5');
    assert.equal(
      solverText({ id: 'hals', sweeps: 2, order: 'random' } as unknown as SolverOptions, words),
      'Hierarchical alternating least squares, 2 sweeps, order random',
    );
  });

  it('stands in the reference', () => {
    const page = referenceOf(words);
    for (const text of [
      '`log-cosh`',
      '`--entropy εW,εH`',
      '`row-sum`',
      '`rmsprop`',
      '`--decay`',
      '`factorlens.order`',
      '`rounds`',
      '`--warmth`',
      '`factorlens.pace`',
    ]) {
      assert.ok(page.includes(text), text);
    }
  });
});
