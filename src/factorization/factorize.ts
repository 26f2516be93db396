import type { Dataset } from '../data/dataset';
import { continuationOf } from './planning/continuation';
import { diagnose, secondsFor } from './diagnostics/diagnostics';
import type { Factorization } from './result';
import { freshRestarts } from './planning/fresh-restarts';
import { jobOf, type FactorizeCallbacks, type Job } from './runs/job';
import { checkMemoryOfUnits } from './planning/memory';
import { gatherObservations } from './observations';
import type { Chosen, Continuation } from './plan';
import { prepareObservations } from './preparation/steps';
import type { DataFacts } from './progress';
import type { Prepared } from './runs/assemble';
import { run, type Ran } from './run';
import type { FactorizationSettings } from '../model/settings';
import type { WarmStart } from './starts/start';
import { checkObservations } from './planning/validation';
import { settingsWarnings } from './diagnostics/warnings';

/**
 * Learns X ≈ W·H from several random starts and keeps the best; with a continuation, goes on from its factors instead.
 * Yields to the event loop between chunks of about 0.1 s, so that stopping and checkpoints are answered meanwhile.
 *
 * @throws SettingsError when the settings cannot be used with these data
 */
export async function factorize(
  dataset: Dataset,
  wanted: FactorizationSettings,
  callbacks: FactorizeCallbacks,
  continuation?: Continuation,
  warmStart?: WarmStart,
): Promise<Factorization> {
  const planner = continuation
    ? continuationOf(dataset, continuation.from, wanted)
    : freshRestarts(dataset, wanted, warmStart);
  const warnings = planner.check();
  const job = jobOf(dataset, planner, callbacks);
  callbacks.onProgress({ phase: 'compiling', data: factsOf(dataset, planner.asked) });
  const prepared = await prepare(job, warnings);
  const chosen = await chooseRank(job, prepared);
  const plan = await planner.plan(chosen, callbacks.signal);
  const ran = await run(job, prepared, chosen, plan);
  return examined(job, chosen, plan.settings, ran);
}

/** X as the fit will see it. @param checked what the user should know from checking */
async function prepare({ dataset, planner }: Job, checked: readonly string[]): Promise<Prepared> {
  const raw = await gatherObservations(dataset);
  // The order of warnings: what is done to X, then what was asked.
  const { steps, warnings } = planner.measure(raw);
  const observations = prepareObservations(raw, steps);
  checkObservations(observations, planner.asked.model, dataset, planner.asked.preparation);
  checkMemoryOfUnits(dataset, planner.asked, observations);
  return { observations, steps, warnings: [...warnings, ...checked] };
}

async function chooseRank({ planner, callbacks, watch, outOfTime }: Job, prepared: Prepared): Promise<Chosen> {
  watch.begin('chooseRank');
  const chosen = await planner.choose(prepared.observations, {
    signal: callbacks.signal,
    shouldStop: () => callbacks.shouldStop() || outOfTime(1 / 2),
    onRun: ({ rank, fold, folds, curve }) =>
      callbacks.onProgress({ phase: 'choosing-rank', rank, fold, folds, curve: [...curve] }),
  });
  watch.begin('compile');
  if (planner.comparesRanks) {
    callbacks.onProgress({ phase: 'rank-chosen', rank: chosen.settings.rank, curve: chosen.rankCurve ?? [] });
  }
  return chosen;
}

/** The result, with what is found out about it. */
async function examined(
  { callbacks, watch, limit, shouldStop }: Job,
  { observations }: Chosen,
  { model, rank }: FactorizationSettings,
  { finished, ended, rows, result }: Ran,
): Promise<Factorization> {
  const effort = callbacks.diagnose ?? 'auto';
  if (effort === 'none') return result();
  await callbacks.onFitted?.(result());
  const { seconds, total } = watch.read();
  const diagnosis = await diagnose(model, observations, rank, finished.soFar, ended, rows, {
    signal: callbacks.signal,
    seconds: secondsFor(effort, seconds('iterate'), limit - total),
    shouldStop,
    onPart: (part) => {
      watch.begin(part);
      callbacks.onProgress({ phase: 'diagnosing', part });
    },
  });
  return result(diagnosis);
}

/** What is told before the work begins, which may be long: also what the settings make of such data. */
function factsOf(dataset: Dataset, settings: FactorizationSettings): DataFacts {
  const { rows, columns, missing, reading, warnings, advice } = dataset;
  const beforehand = settings.rankSearch ? [] : settingsWarnings(settings, dataset);
  const rank = settings.rankSearch ? {} : { rank: settings.rank };
  return {
    ...rank,
    rows,
    columns,
    missing,
    reading,
    warnings: [...warnings, ...beforehand],
    ...(advice && { advice }),
  };
}
