import type { Consensus } from '../factorization/diagnostics/findings';
import type { Foretelling } from '../factorization/rank/findings';
import { boundReason } from '../model/bounds';
import type { Factorization } from '../factorization/result';
import type { Fields } from '../model/fields';
import type { RunSettings } from '../model/run';
import type { FactorizationSettings } from '../model/settings';
import type { Stopping } from '../model/stopping';
import { vocabulary, type Vocabulary } from '../model/vocabulary';
import { preparationText } from '../model/preparation';
import { topWords } from '../wording/topics';
import { timingParts } from '../wording/timing';
import type { Fact } from '../protocol/inspector';
import { foretellingText, ridgeText } from '../wording/foretelling';
import { optimumText } from '../wording/optimum';
import { percentText } from '../wording/percent';
import { count, number } from '../wording/figures';
import { objectiveText, optionText, solverText } from './model-text';

/** What was asked for, worded for the user. */
export function settingsFacts(settings: FactorizationSettings, words: Vocabulary = vocabulary): Fact[] {
  const { solver, stopping, rank, restarts, seed, preparation } = settings;
  const prepared = preparation && preparationText(preparation);
  const bound = boundReason(settings.model);
  return [
    ...(prepared === undefined ? [] : [{ label: 'Preparation', value: prepared }]),
    { label: 'Objective', value: objectiveText(settings) },
    ...(bound === undefined ? [] : [{ label: 'Why this bound', value: bound }]),
    { label: 'Rank', value: settings.rankSearch ? 'Chosen by the data' : String(rank) },
    { label: 'Solver', value: solverText(solver) },
    {
      label: 'Stops',
      value:
        `after ${count(stopping.iterations, 'iteration')}` +
        (stopping.tolerance > 0
          ? ` or when the gradient is small enough, tolerance ${number(stopping.tolerance)}`
          : ''),
    },
    { label: 'Starts', value: `${count(restarts, 'random start')}, seed ${seed}` },
    ...otherFacts(words.run, settings),
    ...otherFacts(words.stopping, stopping),
  ];
}

/** Options of a run that have words of their own, or a line where the result is told. */
const worded: ReadonlySet<string> = new Set<keyof RunSettings | keyof Stopping>([
  'rank',
  'restarts',
  'seed',
  'device',
  'holdout',
  'iterations',
  'tolerance',
  'seconds',
]);

/** The other options, by their nouns. */
function otherFacts(fields: Fields, values: object): Fact[] {
  const given = values as Readonly<Record<string, unknown>>;
  return Object.entries(fields).flatMap(([name, field]) =>
    worded.has(name) || given[name] === undefined
      ? []
      : [{ label: sentenceCase(field.noun), value: optionText(field, given[name]) }],
  );
}

const sentenceCase = (noun: string): string => noun.charAt(0).toUpperCase() + noun.slice(1);

/** What is known once there is a result. */
export function resultFacts(factorization: Factorization): Fact[] {
  const { optimum, curvature, restartSpread, consensus, scree, heldOut, foretelling, statistics, settings } =
    factorization;
  const { source, precision, biases, componentVariance, solverReason, restartsAtOnce, timing, versions } =
    factorization;
  return [
    ...(factorization.rankReason === undefined ? [] : [{ label: 'Why this rank', value: factorization.rankReason }]),
    ...(solverReason === undefined ? [] : [{ label: 'Why this solver', value: solverReason }]),
    ...(restartsAtOnce ? [{ label: 'Restarts at once', value: restartsAtOnce.reason }] : []),
    ...(heldOut
      ? [
          {
            label: 'Held out',
            value: `RMSE ${number(heldOut.rmse)}, MAE ${number(heldOut.mae)} on ${count(heldOut.entries, 'entry', 'entries')}`,
          },
        ]
      : []),
    ...(foretelling ? foretellingFacts(foretelling, settings.model.penalties.W.l2) : []),
    ...(optimum ? [{ label: 'Bound', value: optimumText(optimum, statistics, number) }] : []),
    ...(curvature
      ? [
          {
            label: 'Curvature',
            value: curvature.kind === 'none' ? curvature.reason : `${number(curvature.smallest)}. ${curvature.meaning}`,
          },
        ]
      : []),
    ...(restartSpread
      ? [{ label: 'Spread', value: `The worst start ended ${percentText(restartSpread.relative)} above the best.` }]
      : []),
    ...(consensus ? [{ label: 'Consensus', value: consensusText(consensus) }] : []),
    ...(scree?.kind === 'none' ? [{ label: 'Scree', value: scree.reason }] : []),
    ...(biases
      ? [
          {
            label: 'Biases',
            value: `Mean ${number(biases.mean)}; of rows ${rangeText(biases.rows)}; of columns ${rangeText(biases.columns)}`,
          },
        ]
      : []),
    ...(componentVariance
      ? [{ label: 'Explained by component', value: componentVariance.map((part) => percentText(part)).join(', ') }]
      : []),
    ...(factorization.reading.kind === 'text'
      ? topWords(factorization).map((words, topic) => ({ label: `Topic ${topic + 1}`, value: words.join(', ') }))
      : []),
    { label: 'Device', value: deviceText(factorization.device) },
    { label: 'Precision', value: precision },
    { label: 'File', value: `${source.name}, ${bytesText(source.bytes)}` },
    { label: 'SHA-256', value: source.sha256 },
    {
      label: 'Time',
      value:
        `${secondsText(timing.total)} in all: ` +
        timingParts(timing)
          .map(({ label, seconds }) => `${label} ${secondsText(seconds)}`)
          .join(', '),
    },
    {
      label: 'Computed by',
      value: Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    },
  ];
}

function foretellingFacts(foretelling: Foretelling, l2: number): Fact[] {
  const ridge = ridgeText(foretelling, l2, number);
  const entries = count(foretelling.entries, 'entry', 'entries');
  return [
    { label: 'Foretells', value: capitalized(foretellingText(foretelling, number, entries)) },
    ...(ridge === undefined ? [] : [{ label: 'Ridge', value: capitalized(ridge) }]),
  ];
}

const capitalized = (text: string): string => text.replace(/^[a-z]/, (letter) => letter.toUpperCase());

function consensusText(consensus: Consensus): string {
  if (consensus.kind === 'none') return consensus.reason;
  const { restarts, cophenetic, dispersion } = consensus;
  const correlation = cophenetic === undefined ? '' : `cophenetic correlation ${number(cophenetic)}, `;
  return `Of ${count(restarts, 'restart')}: ${correlation}dispersion ${number(dispersion)}`;
}

function deviceText({ requested, used, reason, placement = [] }: Factorization['device']): string {
  const elsewhere = placement.map(({ operation, device, count: times }) => `${operation} ×${times} on ${device}`);
  return [
    `${used}${requested === used ? '' : ` (${requested} was asked for)`}. ${reason}`,
    ...(elsewhere.length > 0 ? [`Not there: ${elsewhere.join(', ')}.`] : []),
  ].join(' ');
}

/** The smallest and the largest of some numbers. */
function rangeText(values: Float32Array): string {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  return `${number(least)} to ${number(values.reduce((a, b) => Math.max(a, b), -Infinity))}`;
}

function secondsText(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit] ?? 'TB'}`;
}
