import type { Consensus } from '../factorization/diagnostics/findings';
import { boundReason } from '../model/bounds';
import type { Factorization } from '../factorization/result';
import type { ReadReport } from '../data/reading-report';
import type { Model } from '../model/model';
import { penaltyNames, penaltyRecord } from '../model/penalties';
import { preparationText, type Preparation } from '../model/preparation';
import { topWords } from '../wording/topics';
import { foretellingText, ridgeText } from '../wording/foretelling';
import { optimumText } from '../wording/optimum';
import { percentText } from '../wording/percent';
import { endings } from '../wording/endings';
import { arrayText, documentsText, imageText, pagesText, rangeText, samplesText } from '../wording/reading';
import { timingParts } from '../wording/timing';
import { durationText, figure, oneLine } from './text';

const listed = 6;

/** Short times to the hundredth: of a job that takes one second, nearly all parts would be 0.1 s. */
const seconds = (time: number): string => (time < 9.95 ? `${time.toFixed(2)} s` : durationText(time));

/** A few lines for a reader; the JSON report is for programs. `output` is the file written. */
export function summarise(factorization: Factorization, file: string, output: string): string {
  const { rows, columns, rank, statistics, timing, device, restarts, best, warnings } = factorization;
  const missing = rows * columns - statistics.observed - (factorization.heldOut?.entries ?? 0);
  const lines: [string, string][] = [
    ['file', `${file}, ${rows} × ${columns}${missing > 0 ? `, ${missing} entries missing` : ''}`],
    ...reading(factorization.reading),
    ...(factorization.weights ? [['weights', factorization.weights.name] satisfies [string, string]] : []),
    ...prepared(factorization.settings.preparation),
    ...bounded(factorization.settings.model),
    ...penalised(factorization.settings.model),
    ['rank', factorization.rankReason === undefined ? `${rank}` : `${rank}: ${factorization.rankReason}`],
    ['device', `${device.used}, ${factorization.precision}. ${device.reason}`.trimEnd()],
    ...restarts.map((restart, index): [string, string] => [
      index === 0 ? 'restarts' : '',
      `seed ${restart.seed}: ${figure(restart.objective)} after ${restart.iterations} iterations, ` +
        `${endings[restart.stopReason]}${index === best && restarts.length > 1 ? '  ← kept' : ''}`,
    ]),
    ...(factorization.restartsAtOnce ? [['', factorization.restartsAtOnce.reason] satisfies [string, string]] : []),
    ['objective', figure(statistics.objective)],
    ['error', `${figure(statistics.relativeError)} of ‖X‖`],
    [
      'explained',
      statistics.explainedVariance === undefined
        ? 'nothing, for the numbers are all alike: there is no variance'
        : `${percentText(statistics.explainedVariance, 6)} of the variance`,
    ],
    ...topics(factorization),
    ...components(factorization),
    ...diagnostics(factorization),
    [
      'time',
      `${seconds(timing.total)} (${timingParts(timing)
        .map((part) => `${part.label} ${seconds(part.seconds)}`)
        .join(', ')})`,
    ],
    ...warnings.map((warning): [string, string] => ['warning', warning]),
    ['written', output],
  ];
  return lines.map(([name, text]) => `${name.padEnd(10)} ${oneLine(text)}\n`).join('');
}

function components({ componentVariance, biases }: Factorization): [string, string][] {
  const lines: [string, string][] = [];
  if (biases) {
    const { mean, rows, columns } = biases;
    lines.push(['biases', `mean ${figure(mean)}; rows ${range(rows)}; columns ${range(columns)}`]);
  }
  if (componentVariance)
    lines.push(['components', `explain ${some(componentVariance.map((part) => percentText(part)))} of the variance`]);
  return lines;
}

const range = (values: Float32Array): string =>
  `${figure(values.reduce((a, b) => Math.min(a, b), Infinity))} to ${figure(values.reduce((a, b) => Math.max(a, b), -Infinity))}`;

/** What is known beyond the fit itself. */
function diagnostics(factorization: Factorization): [string, string][] {
  const { optimum, curvature, restartSpread, consensus, rankCurve, foretelling, heldOut } = factorization;
  const lines: [string, string][] = [];
  if (foretelling) {
    lines.push(['foretells', foretellingText(foretelling, figure, `${foretelling.entries} entries`)]);
    const ridge = ridgeText(foretelling, factorization.settings.model.penalties.W.l2, figure);
    if (ridge !== undefined) lines.push(['ridge', ridge]);
  }
  if (heldOut) {
    const { rmse, mae, entries } = heldOut;
    lines.push(['held out', `RMSE ${figure(rmse)}, MAE ${figure(mae)} on ${entries} entries that the fit did not see`]);
  }
  if (restartSpread) {
    const { relative, spaceSimilarity } = restartSpread;
    const alike =
      spaceSimilarity === undefined
        ? ''
        : `; their components span spaces that are ${percentText(spaceSimilarity)} alike`;
    lines.push(['spread', `the worst restart is ${percentText(relative)} above the best${alike}`]);
  }
  if (consensus) lines.push(['consensus', agreement(consensus, factorization.rows)]);
  lines.push(...ofEveryRank(factorization));
  if (optimum) {
    const none = optimum.kind === 'none' ? 'none: ' : '';
    lines.push(['bound', `${none}${optimumText(optimum, factorization.statistics, figure)}`]);
  }
  if (curvature) {
    lines.push([
      'curvature',
      curvature.kind === 'none'
        ? `none: ${curvature.reason}`
        : `${curvature.kind}, ${figure(curvature.smallest)} to ${figure(curvature.largest)}. ${curvature.meaning}`,
    ]);
  }
  rankCurve?.forEach(({ rank, error, standardError, explainedVariance, cophenetic }, index) => {
    const more = [
      ...(explainedVariance === undefined ? [] : [`explains ${percentText(explainedVariance)}`]),
      ...(cophenetic === undefined ? [] : [`cophenetic ${figure(cophenetic)}`]),
    ];
    lines.push([
      index === 0 ? 'ranks' : '',
      [`${rank}: held-out loss ${figure(error)} ± ${figure(standardError)}`, ...more].join(', '),
    ]);
  });
  return lines;
}

function agreement(consensus: Consensus, rows: number): string {
  if (consensus.kind === 'none') return `none: ${consensus.reason}`;
  const { restarts, rows: compared, cophenetic, dispersion } = consensus;
  const which = compared.length < rows ? `${compared.length} of ${rows} rows` : `${rows} rows`;
  const correlation = cophenetic === undefined ? 'all pairs alike' : `cophenetic correlation ${figure(cophenetic)}`;
  return `${correlation}, dispersion ${figure(dispersion)} (${restarts} restarts, ${which})`;
}

/** What the singular values say of the chosen rank, and of how many components would do. */
function ofEveryRank({ scree, rank, statistics }: Factorization): [string, string][] {
  if (!scree || statistics.explainedVariance === undefined) return [];
  if (scree.kind === 'none') return [['scree', `none: ${scree.reason}`]];
  const { explainedVariance } = scree;
  const most = explainedVariance[rank - 1] ?? explainedVariance.at(-1) ?? NaN;
  const enough = explainedVariance.findIndex((part) => part >= much) + 1;
  const other = enough > 0 && enough !== rank ? `; ${percentText(much)} takes rank ${enough}` : '';
  return [['scree', `a matrix of rank ${rank} can explain at most ${percentText(most)} of the variance${other}`]];
}

/** The part of the variance for which a rank that can explain it is named. */
const much = 0.95;

function topics(factorization: Factorization): [string, string][] {
  if (factorization.reading.kind !== 'text') return [];
  return topWords(factorization).map((words, index) => [
    index === 0 ? 'topics' : '',
    `${index + 1}: ${words.join(', ')}`,
  ]);
}

/** The weights of a model's penalties, which may have come from the data. */
function penalised({ penalties, biases }: Model): [string, string][] {
  const weights = penaltyNames.flatMap((name) => {
    const of = [
      ...(['W', 'H'] as const).map((factor) => ({ factor, weight: penalties[factor][name] })),
      ...(biases && name === 'l2' ? [{ factor: 'the biases', weight: biases.l2 }] : []),
    ].filter(({ weight }) => weight > 0);
    if (of.length === 0) return [];
    const label = penaltyRecord(name).weight.noun.replace(/ penalty$/, '');
    return [`${label} ${of.map(({ factor, weight }) => `${figure(weight)} of ${factor}`).join(', ')}`];
  });
  return weights.length === 0 ? [] : [['penalties', weights.join('; ')]];
}

function bounded(model: Model): [string, string][] {
  const reason = boundReason(model);
  const { loss } = model;
  return [
    ...(reason === undefined ? [] : [['model', reason] satisfies [string, string]]),
    ...(loss.kind === 'huber' && loss.fromData
      ? [
          ['model', `δ = ${figure(loss.delta)}, 1.345 robust standard deviations of the residuals`] satisfies [
            string,
            string,
          ],
        ]
      : []),
  ];
}

function prepared(preparation: Preparation | undefined): [string, string][] {
  const done = preparation && preparationText(preparation);
  return done === undefined ? [] : [['prepared', `${done}; objective and errors are those of the prepared data`]];
}

function reading(report: ReadReport): [string, string][] {
  if (report.kind === 'image') {
    const { format, width, height, pages, as, range } = report;
    return [
      [
        'image',
        `${format}, ${width} × ${height}, ${samplesText(report)}${pagesText(pages, 1)}, read as ${imageText(as)}${rangeText(range)}`,
      ],
    ];
  }
  if (report.kind === 'array') return [['read as', arrayText(report)]];
  if (report.kind === 'text') {
    return [['read as', documentsText(report)]];
  }
  if (report.kind === 'images') {
    const { count, width, height, as, file, range } = report;
    const how = `read as ${imageText(as)}${rangeText(range)}`;
    return [
      file === undefined
        ? ['images', `${count} images, the first of ${width} × ${height}, ${how}`]
        : [
            'image',
            `${file.format}, ${width} × ${height}, ${samplesText(file)}${pagesText(file.pages, count)}, ${how}`,
          ],
    ];
  }
  if (report.kind === 'long') {
    const { row, column, value, weight } = report;
    return [
      [
        'entries',
        `rows by ${row}, columns by ${column}, value ${value}${weight === undefined ? '' : `, weight ${weight}`}`,
      ],
      ...(report.leftOut.length > 0 ? [['left out', some(report.leftOut)] satisfies [string, string]] : []),
    ];
  }
  const lines: [string, string][] = [['columns', `${report.features.length} used: ${some(report.features)}`]];
  if (report.label !== undefined) {
    lines.push(['label', report.label]);
  }
  if (report.leftOut.length > 0) {
    lines.push(['left out', some(report.leftOut.map(({ column, reason }) => `${column} (${reason})`))]);
  }
  return lines;
}

function some(names: readonly string[]): string {
  const more = names.length - listed;
  return more > 0 ? `${names.slice(0, listed).join(', ')} and ${more} more` : names.join(', ');
}
