import { performance } from 'node:perf_hooks';
import type { Dataset } from '../data/dataset';
import type { DataFacts, FactorizationProgress } from './progress';
import type { Continuation } from './plan';
import { runtime } from '../engine';
import { withBound } from '../model/bounds';
import { diagnose, endedRestart, secondsFor, type Diagnose, type Diagnosis, type EndedRestart } from './diagnostics';
import { rowsToCompare } from './consensus-matrix';
import { deviceWarnings } from './devices';
import type { DiagnosisTiming, Factorization, HeldOutFit, Timing } from './factorization';
import type { FactorizationSettings } from './settings';
import { type FitStatistics, fitStatistics } from './statistics';
import type { RestartReport } from './trace';
import { checkMemory } from './memory';
import { finish, type Finished } from './finish';
import { deltaWarnings, withPenaltiesInUnits } from './from-data';
import { gatherObservations, type Observations } from './observations';
import { componentVariance } from './orthogonal';
import { planContinuation, planRestarts, type PlannedRun } from './plan';
import { noPreparation } from '../model/preparation';
import { measurePreparation, prepareObservations } from './preparation/prepare';
import { previewOf } from './preview';
import { holdOut, prepareRuns } from './rank-choice';
import { heldOutError, type Entries } from './rank-folds';
import { convergenceTestOf } from './restart';
import { runInBatches } from './restarts';
import { buildBatch } from './solvers/build';
import { inBatches, sideBySide, SolverPool, workOf } from './solvers/side-by-side';
import type { BatchSolver } from './solvers/solver';
import type { Factors } from './factors';
import { prepareStarts } from './starts/start';
import { checkWarmStart, type WarmStart } from './starts/warm';
import type { Standing } from './standing';
import { Stopwatch } from './stopwatch';
import { TimeShare } from './time-share';
import { TraceRecorder } from './trace-recorder';
import { checkContinuation, checkObservations, checkSettings } from './validation';
import { versions } from './versions';
import { reachWarnings, resultWarnings, settingsWarnings, undeterminedWarnings, vanishedWarnings } from './warnings';
import { unreachableEntries } from './reach';

export interface FactorizeCallbacks {
  onProgress(progress: FactorizationProgress): void;
  /** Asked between chunks of iterations: the user wants to stop and keep what there is. */
  shouldStop(): boolean;
  /** Gives the job up: the promise rejects with the signal's reason. */
  signal: AbortSignal;
  /**
   * Called once, with a function that makes the best factorization so far, or null before there is one. For one that nobody
   * waits for it is null too while making it would take more than a small share of the time.
   */
  onCheckpointable(make: (waitedFor?: boolean) => Factorization | null): void;
  /** Called once, with the factors as they will stay: what is found out about them is still to come. */
  onFitted?(fitted: Factorization): void | Promise<void>;
  /** How much is to be found out about the result: `auto` by default. */
  diagnose?: Diagnose;
}

/** Shortest time between two previews of the factors, in seconds. */
const previewInterval = 0.4;

/**
 * Learns X ≈ W·H from several random starts and keeps the best; with a continuation, goes on from its factors instead.
 * Before that it sets aside what is to be held out and chooses the rank, if the settings say so; afterwards it looks for
 * a bound on what it reached. A factor that could grow without end is bounded first, and the result's model says so.
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
  const settings = continuation ? wanted : { ...wanted, model: withBound(wanted.model) };
  checkSettings(settings, dataset);
  checkMemory(dataset, continuation?.from.settings ?? settings);
  if (continuation) checkContinuation(continuation.from, dataset);
  const warmWarnings = warmStart && !continuation ? checkWarmStart(warmStart, dataset) : [];
  const began = performance.now();
  const watch = new Stopwatch<WatchedPart>('read', began);
  callbacks.onProgress({ phase: 'compiling', data: factsOf(dataset, continuation?.from.settings ?? settings) });
  const limit = (continuation?.from.settings ?? settings).stopping.seconds ?? Infinity;
  /** Whether more than this part of the time is used up. */
  const outOfTime = (part = 1): boolean => (performance.now() - began) / 1000 >= part * limit;
  const { model: asked, preparation = noPreparation } = continuation?.from.settings ?? settings;
  const given = await gatherObservations(dataset);
  // Of what the fit will see: nothing that is held out may show in what is subtracted.
  const { steps, warnings: preparationWarnings } = continuation
    ? { steps: continuation.from.preparation ?? [], warnings: [] }
    : measurePreparation(holdOut(given, settings).observations, preparation, dataset);
  const all = prepareObservations(given, steps);
  checkObservations(all, asked, dataset, preparation);
  const inUnits: FactorizationSettings = continuation
    ? settings
    : { ...settings, model: withPenaltiesInUnits(settings.model, holdOut(all, settings).observations) };
  watch.begin('chooseRank');
  const prepared = continuation
    ? {
        ...holdOut(all, continuation.from.settings),
        rankCurve: continuation.from.rankCurve,
        foretelling: continuation.from.foretelling,
        warnings: [],
      }
    : await prepareRuns(all, inUnits, {
        signal: callbacks.signal,
        shouldStop: () => callbacks.shouldStop() || outOfTime(1 / 2),
        onRun: ({ rank, fold, folds, curve }) =>
          callbacks.onProgress({ phase: 'choosing-rank', rank, fold, folds, curve: [...curve] }),
      });
  const { observations, heldOut } = prepared;
  watch.begin('compile');
  if ('settings' in prepared && settings.rankSearch) {
    callbacks.onProgress({
      phase: 'rank-chosen',
      rank: prepared.settings.rank,
      curve: prepared.rankCurve ?? [],
    });
  }
  const plan =
    'settings' in prepared
      ? planRestarts(
          prepared.settings,
          observations,
          await prepareStarts(
            prepared.settings.start ?? 'random',
            observations,
            prepared.settings.model,
            prepared.settings.rank,
            {
              signal: callbacks.signal,
              ...(warmStart && { warmStart }),
            },
          ),
        )
      : planContinuation((continuation as Continuation).from, settings);
  const { model, solver: options, rank, stopping } = plan.settings;

  watch.begin('loadRuntime');
  await runtime();
  watch.begin('compile');
  const together = sideBySide(model, options, observations, rank, plan.runs.length);
  const batches = inBatches(plan.runs, together.size);
  const build = (size: number): Promise<BatchSolver> =>
    buildBatch(model, options, observations, rank, plan.settings.device, stopping.iterations * batches.length, size);
  const solvers = new SolverPool(await build(together.size), build, workOf(observations, rank));
  const iterateBegan = performance.now();
  const converged = convergenceTestOf(stopping, observations, model, options);

  watch.begin('iterate');
  const unreachable = unreachableEntries(model, observations);
  let diagnosis: Diagnosis | undefined;
  let finished: Finished | undefined;
  /** Whether components are to be orthogonal at the end, though the solver does not make them so by itself. */
  const orthogonal =
    options.id !== 'svd' &&
    (continuation ? continuation.from.componentVariance !== undefined : settings.solver.id === 'svd');
  /** Computed once for the same factors: it goes over all entries in float64. */
  const known = new WeakMap<Factors, FitStatistics>();
  const statisticsOf = (factors: Factors): FitStatistics => {
    const statistics = known.get(factors) ?? fitStatistics(observations, factors, rank, model);
    known.set(factors, statistics);
    return statistics;
  };
  const assemble = ({ restarts, best, factors }: Standing): Factorization => ({
    rows: dataset.rows,
    columns: dataset.columns,
    rank,
    W: factors.W,
    H: factors.H,
    ...(factors.biases && { biases: factors.biases }),
    ...(dataset.rowLabels && { rowLabels: dataset.rowLabels }),
    ...(dataset.columnLabels && { columnLabels: dataset.columnLabels }),
    ...(dataset.drawing && { drawing: dataset.drawing }),
    source: dataset.source,
    ...(dataset.weights && { weights: dataset.weights }),
    reading: dataset.reading,
    settings: plan.settings,
    ...(steps.length > 0 && { preparation: steps }),
    device: solvers.device,
    precision: 'float32',
    ...(plan.solverReason !== undefined && { solverReason: plan.solverReason }),
    ...(!continuation && plan.runs.length > 1 && { restartsAtOnce: together }),
    ...((options.id === 'svd' || (orthogonal && finished)) && {
      componentVariance: componentVariance(observations, factors, rank),
    }),
    restarts,
    best,
    statistics: statisticsOf(factors),
    ...diagnosis,
    ...(prepared.rankCurve && { rankCurve: prepared.rankCurve }),
    ...(prepared.foretelling && { foretelling: prepared.foretelling }),
    ...(heldOut && { heldOut: heldOutFit(all, heldOut, factors) }),
    timing: timingOf(watch, prepared.rankCurve !== undefined && !continuation),
    warnings: [
      ...dataset.warnings,
      ...preparationWarnings,
      ...warmWarnings,
      ...settingsWarnings(plan.settings, dataset),
      ...prepared.warnings,
      ...plan.warnings,
      ...deviceWarnings(solvers.device),
      ...resultWarnings(restarts[best] as RestartReport, plan.settings),
      ...reachWarnings(unreachable, observations.observed),
      ...(finished ? undeterminedWarnings(finished.undetermined) : []),
      ...vanishedWarnings(factors, model),
      ...deltaWarnings(model, observations, factors, rank),
    ],
    versions: versions(),
  });

  const heldOutFit = (from: Observations, entries: Entries, factors: Factors): HeldOutFit => {
    const { rmse, mae, entries: count } = heldOutError(from, entries, factors, rank, model);
    return { rmse, mae, entries: count };
  };

  /** How a run stands after so many iterations, its last objective recomputed in float64. */
  const report = (
    run: PlannedRun,
    factors: Factors,
    iterations: number,
    stopReason: RestartReport['stopReason'],
  ): RestartReport => {
    const { objective } = statisticsOf(factors);
    const recorder = TraceRecorder.from(run.recorder.trace());
    recorder.add(iterations, run.recorder.elapsed, objective);
    return { seed: run.seed, objective, iterations, stopReason, trace: recorder.trace() };
  };

  let standing = plan.standing;
  const ended = new Map<number, EndedRestart>();
  const rows = rowsToCompare(dataset.rows, plan.settings.seed);
  let underWay: (() => Standing | null) | null = null;
  const checkpoints = new TimeShare(secondsToAssemble(observations, rank));
  callbacks.onCheckpointable((waitedFor = true) => {
    if (!waitedFor && !checkpoints.allows(watch.total)) return null;
    return checkpoints.spend(() => {
      const now = underWay ? underWay() : standing;
      return now && assemble(now);
    });
  });

  try {
    let lastPreview = -Infinity;
    const previews = new TimeShare(0);
    standing = await runInBatches(batches, solvers, stopping, converged, standing, {
      shouldStop: () => callbacks.shouldStop() || outOfTime(),
      signal: callbacks.signal,
      whyStopped: () => (callbacks.shouldStop() ? 'stopped' : 'time'),
      report,
      underWay: (run, iterations) => {
        const trace = run.recorder.trace();
        return {
          seed: run.seed,
          objective: trace.objective.at(-1) ?? Infinity,
          iterations,
          stopReason: 'stopped',
          trace,
        };
      },
      onProgress: ({ run, points, rate, factors, made }, standingNow) => {
        underWay = standingNow;
        const elapsed = (performance.now() - iterateBegan) / 1000;
        const due = elapsed - lastPreview >= previewInterval && previews.allows(elapsed);
        if (due) lastPreview = elapsed;
        const tell = (): void =>
          callbacks.onProgress({
            phase: 'iterating',
            restart: run.index,
            restarts: Math.max(plan.standing?.restarts.length ?? 0, plan.settings.restarts),
            seed: run.seed,
            points,
            rate,
            elapsed,
            remaining: remainingSeconds(elapsed, made, plan.runs.length),
            device: solvers.device,
            ...(due && {
              preview: { W: previewOf(factors.W, dataset.rows, rank), H: previewOf(factors.H, rank, dataset.columns) },
            }),
          });
        if (due) previews.spend(tell);
        else tell();
      },
      onEnded: (run, final, factors) => {
        ended.set(run.index, endedRestart(factors, rank, rows));
        callbacks.onProgress({ phase: 'restart-ended', restart: run.index, report: final });
      },
      onStanding: (now) => {
        standing = now;
        underWay = null;
      },
    });
    finished = finish(model, observations, rank, standing as Standing, orthogonal);
    const final = finished.standing;
    standing = final;
    const effort = callbacks.diagnose ?? 'auto';
    if (effort !== 'none') {
      await callbacks.onFitted?.(assemble(final));
      const ran = watch.total;
      diagnosis = await diagnose(model, observations, rank, final, ended, rows, {
        signal: callbacks.signal,
        seconds: secondsFor(effort, ran, limit - ran),
        shouldStop: () => callbacks.shouldStop() || outOfTime(),
        onPart: (part) => {
          watch.begin(part);
          callbacks.onProgress({ phase: 'diagnosing', part });
        },
      });
    }
    return assemble(final);
  } finally {
    await solvers.dispose();
  }
}

type WatchedPart = 'read' | 'chooseRank' | 'loadRuntime' | 'compile' | 'iterate' | keyof DiagnosisTiming;

function timingOf(watch: Stopwatch<WatchedPart>, rankChosen: boolean): Timing {
  const { seconds: part, total } = watch.read();
  const diagnose = { consensus: part('consensus'), bound: part('bound'), curvature: part('curvature') };
  const timing = {
    read: part('read'),
    ...(rankChosen && { chooseRank: part('chooseRank') }),
    loadRuntime: part('loadRuntime'),
    // Nothing is compared where the rank is given, but what is held out is chosen.
    compile: part('compile') + (rankChosen ? 0 : part('chooseRank')),
    ...(sum(diagnose) > 0 && { diagnose }),
    iterate: part('iterate'),
  };
  return { ...timing, total };
}

const sum = (parts: object): number =>
  Object.values(parts).reduce((total: number, seconds: unknown) => total + Number(seconds), 0);

/** Seconds that a factorization takes to be put together, about: its statistics go over all entries in float64. */
const secondsToAssemble = ({ X }: Observations, rank: number): number => 2e-9 * X.length * (rank + 5);

/** What is told before the work begins, which may be long: also what the settings make of such data. */
function factsOf(dataset: Dataset, settings: FactorizationSettings): DataFacts {
  const { rows, columns, missing, reading, warnings, advice } = dataset;
  const beforehand = settings.rankSearch ? [] : settingsWarnings(settings, dataset);
  return { rows, columns, missing, reading, warnings: [...warnings, ...beforehand], ...(advice && { advice }) };
}

/** By rule of three, as if every run took all of its iterations. */
function remainingSeconds(elapsed: number, runsMade: number, runs: number): number {
  return runsMade > 0 ? (elapsed * (runs - runsMade)) / runsMade : Infinity;
}
