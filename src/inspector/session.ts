import type { Advice } from '../data/reading-report';
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { Source, TableOptions } from '../data/dataset';
import type { Factorization } from '../factorization/result';
import type { FactorizationSettings } from '../model/settings';
import type { InspectorProgress, InspectorState } from '../protocol/inspector';
import { editorWords } from '../protocol/editor-words';
import type { JobProgress } from '../protocol/worker';
import type { WorkerClient } from '../worker/client';
import { JobCancelledError, WorkerCrashedError } from '../worker/errors';
import {
  continuingState,
  examinedState,
  failedState,
  progressIncrement,
  reduce,
  resultState,
  startingState,
} from './state';

/** What is to be factorized, and how: enough to start the job, or to start it again. Plain data. */
export interface JobDescription {
  /** Base name of the source, for the user. */
  name: string;
  /** URI of the source. */
  source: string;
  settings: FactorizationSettings;
  table?: TableOptions;
  /** URI of the file that weighs the entries. */
  weights?: string;
}

export interface SessionServices {
  runner: Pick<WorkerClient, 'factorize' | 'stop' | 'checkpoint'>;
  /** Path or bytes of the file behind a URI. */
  openSource(uri: string): Promise<Source>;
  log(message: string): void;
}

/** Watches over what a session opens of its own accord, where someone else than the user has said what that is. */
export interface SourceGuard {
  /** Resolves when the address may be opened. @throws JobCancelledError when the user does not want it */
  check(address: string): Promise<void>;
  /** The user has named this address. */
  allow(address: string): void;
}

export type JobOutcome =
  | { kind: 'done'; factorization: Factorization }
  /** The state tells the message already. */
  | { kind: 'failed'; error: Error }
  | { kind: 'cancelled' };

interface SessionEvents {
  /** The state as a whole is new: send a snapshot. */
  changed: [];
  /** Points were appended to the running restart. */
  progress: [InspectorProgress];
  /** There are new factors to keep: the document is dirty. */
  factors: [];
  /** More was found out about the factors that were told of last. */
  completed: [{ before: Factorization; after: Factorization }];
  ended: [JobOutcome];
}

interface Job {
  id: string;
  cancellation: CancellationTokenSource;
  /** The worker has it. Before, there is nothing to stop. */
  handedIn: boolean;
  /** Its factors are here as they will stay; what is found out about them is still to come. */
  fitted?: Factorization;
  ended: Promise<JobOutcome>;
}

/** The choices with those of an advice: one entry a line leaves no columns to choose. */
function advised(table: TableOptions, { long, missing, exclude }: Advice['choice']): TableOptions {
  const { columns: _columns, exclude: excluded = [], label: _label, ...layout } = table;
  if (long) return { ...layout, long };
  const { columns, ...others } = table;
  return {
    ...others,
    // Those that an earlier reading found are named one by one.
    ...(columns && { columns: columns.filter((name) => !exclude?.includes(name)) }),
    ...(missing && { missing: [...(table.missing ?? []), ...missing] }),
    ...(exclude && !columns && { exclude: [...excluded, ...exclude] }),
  };
}

/** Seconds between checkpoints of a running job; the client makes it more where one takes long. */
const checkpointEvery = 10;

/** Milliseconds between attempts at the first checkpoint. */
const firstCheckpointPause = 500;

/**
 * A factorization that is alive: the job that makes it, the factors kept so far, and the state that inspectors
 * show. It outlives the document it was opened in, since the editor replaces a document on *Save As*.
 */
export class FactorizationSession extends EventEmitter<SessionEvents> {
  /** What is in the document's file, where that was written from here. */
  saved: Factorization | undefined;
  private present: InspectorState;
  private kept: Factorization | undefined;
  private job: Job | undefined;
  private lastAttempt: 'run' | 'continue' = 'run';
  private unsaved = false;
  /** What the data suggest to do otherwise, as far as a job has read them. */
  private known: readonly Advice[] = [];
  /** When a job without a checkpoint is to be asked for one, in milliseconds of `performance.now()`. */
  private firstCheckpointDue = Infinity;

  constructor(
    /** Replaced when the file has moved. */
    public description: JobDescription,
    factorization: Factorization | undefined,
    private readonly services: SessionServices,
    /** Of a session whose addresses come from a file; absent where the user has chosen the data. */
    readonly guard?: SourceGuard,
  ) {
    super();
    this.kept = factorization;
    this.present = factorization ? resultState(factorization) : startingState(description.name, description.settings);
    this.on('factors', () => this.markSaved(false));
  }

  get state(): InspectorState {
    return this.present;
  }

  /** The factors to save: of the finished job, or of the last checkpoint of a running one. */
  get factorization(): Factorization | undefined {
    return this.kept;
  }

  /** The job that an advice leads to; undefined where there is none of that number. */
  adviceAt(index: number): JobDescription | undefined {
    const advice = this.known[index];
    return advice && { ...this.description, table: advised(this.description.table ?? {}, advice.choice) };
  }

  get running(): boolean {
    return this.job !== undefined;
  }

  /** Offers what the data behind the kept factors suggest to do otherwise, which are still there. */
  offerAdvice(): void {
    this.known = this.kept?.advice ?? [];
    this.show(this.present);
  }

  /** Starts from random factors. Resolves when the job has ended, and never rejects. */
  run(): Promise<JobOutcome> {
    return this.start('run');
  }

  /** Goes on from the present factors. Resolves when the job has ended, and never rejects. */
  continue(): Promise<JobOutcome> {
    return this.start('continue');
  }

  /** Does again what failed. */
  retry(): Promise<JobOutcome> {
    return this.start(this.lastAttempt);
  }

  /** Asks the job to end after the present chunk; it then ends as done, with what there is. */
  stop(): void {
    if (this.job?.handedIn) this.services.runner.stop(this.job.id);
    else this.cancel();
  }

  /** Gives the job up. */
  cancel(): void {
    this.job?.cancellation.cancel();
  }

  /** Resolves when no job runs. */
  async settled(): Promise<void> {
    await this.job?.ended;
  }

  /**
   * The newest factors: of a running job, those that the worker holds now; undefined before there are any. Fires no
   * `factors`: whoever saves or backs up asks this, and a change in the midst of a backup makes VS Code give it up.
   */
  async latest({ waitedFor = true } = {}): Promise<Factorization | undefined> {
    const { job } = this;
    if (!job || job.fitted) return this.kept;
    try {
      const checkpoint = await this.services.runner.checkpoint(job.id, { waitedFor });
      if (checkpoint) this.keep(job.id, checkpoint);
    } catch (error) {
      // A worker that died tells it through the job itself; what was kept before still stands.
      this.services.log(`No checkpoint of ${this.description.name}: ${String(error)}`);
    }
    return this.kept;
  }

  /** Replaces the factors by others, of a file, and gives a running job up. */
  async restore(factorization: Factorization): Promise<void> {
    this.cancel();
    await this.settled();
    this.kept = factorization;
    this.unsaved = false;
    this.show(resultState(factorization));
  }

  /** Whether the document's file holds the factors that are here. */
  markSaved(saved: boolean): void {
    if (this.unsaved === !saved) return;
    this.unsaved = !saved;
    this.show(this.present);
  }

  /** Tells the log something about the job's files. */
  log(message: string): void {
    this.services.log(`${this.description.name}: ${message}`);
  }

  /** Tells something about the job that is not its failure. */
  note(warning: string): void {
    this.show({ ...this.present, warnings: [...this.present.warnings, warning] });
  }

  /** Tells that the job behind the factors was cut off. */
  interrupted(warning: string): void {
    this.present = { ...this.present, cutShort: 'interrupted' };
    this.note(warning);
  }

  /** Shows what went wrong outside a job, e.g. that a reload of the window ended it. */
  fail(message: string): void {
    // Factors that are kept have figures of their own, which a failure takes nothing from.
    this.show(failedState(this.kept ? resultState(this.kept) : this.present, message, this.kept !== undefined));
  }

  private start(attempt: 'run' | 'continue'): Promise<JobOutcome> {
    if (this.job) return this.job.ended;
    this.lastAttempt = attempt;
    const from = attempt === 'continue' ? this.kept : undefined;
    const id = randomUUID();
    const cancellation = new CancellationTokenSource();
    const ended = this.attempt(id, cancellation, from).then((outcome) => {
      const fitted = this.job?.fitted;
      this.job = undefined;
      this.firstCheckpointDue = Infinity;
      return this.conclude(outcome, fitted);
    });
    this.job = { id, cancellation, handedIn: false, ended };
    this.firstCheckpointDue = performance.now();
    this.known = [];
    this.show(
      from
        ? continuingState(from, this.description.settings)
        : startingState(this.description.name, this.description.settings),
    );
    return ended;
  }

  private async attempt(
    id: string,
    cancellation: CancellationTokenSource,
    from: Factorization | undefined,
  ): Promise<JobOutcome> {
    const { settings, table, weights } = this.description;
    try {
      const source = await this.open(this.description.source);
      const weightSource = weights === undefined ? undefined : await this.open(weights);
      if (cancellation.token.isCancellationRequested) return { kind: 'cancelled' };
      if (this.job) this.job.handedIn = true;
      const factorization = await this.services.runner.factorize(
        {
          jobId: id,
          source,
          settings,
          diagnose: 'beside',
          ...(table ? { table } : {}),
          ...(weightSource ? { weights: weightSource } : {}),
          ...(from ? { continuation: { from } } : {}),
        },
        {
          onProgress: (progress) => this.onProgress(progress),
          onFitted: (fitted) => this.onFitted(id, fitted),
          token: cancellation.token,
          checkpointEvery,
          onCheckpoint: (checkpoint) => {
            if (this.keep(id, checkpoint)) this.emit('factors');
          },
        },
      );
      return { kind: 'done', factorization };
    } catch (error) {
      if (error instanceof JobCancelledError || cancellation.token.isCancellationRequested) {
        return { kind: 'cancelled' };
      }
      if (error instanceof WorkerCrashedError && error.checkpoint && this.keep(id, error.checkpoint)) {
        this.emit('factors');
      }
      return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      cancellation.dispose();
    }
  }

  private async open(address: string): Promise<Source> {
    await this.guard?.check(address);
    return this.services.openSource(address);
  }

  /** @param fitted the factors that the job had told of before it ended */
  private conclude(outcome: JobOutcome, fitted: Factorization | undefined): JobOutcome {
    switch (outcome.kind) {
      case 'done':
        this.kept = outcome.factorization;
        this.show(resultState(outcome.factorization));
        if (fitted) this.emit('completed', { before: fitted, after: outcome.factorization });
        else this.emit('factors');
        break;
      case 'failed':
        if (fitted) {
          this.services.log(`Examining ${this.description.name}: ${outcome.error.message}`);
          this.show(resultState(fitted));
          this.note(
            `The factors are whole, but what was to be found out about them was lost. ${outcome.error.message}`,
          );
          return this.ended({ kind: 'done', factorization: fitted });
        }
        this.services.log(`${this.description.name}: ${outcome.error.message}`);
        this.fail(outcome.error.message);
        break;
      case 'cancelled':
        if (this.kept) this.show(resultState(this.kept));
        else this.fail('Stopped before there was anything to keep.');
        break;
    }
    return this.ended(outcome);
  }

  private ended(outcome: JobOutcome): JobOutcome {
    this.emit('ended', outcome);
    return outcome;
  }

  private onFitted(jobId: string, fitted: Factorization): void {
    if (this.job?.id !== jobId) return;
    this.job.fitted = fitted;
    this.kept = fitted;
    this.firstCheckpointDue = Infinity;
    this.show(examinedState(fitted));
    this.emit('factors');
  }

  private onProgress(progress: JobProgress): void {
    const before = this.present;
    if (progress.phase === 'compiling') this.known = progress.data.advice ?? [];
    this.present = reduce(before, progress);
    if (this.present === before) return;
    // Points of the restart at work travel by themselves; anything else alters more than its own place.
    if (progress.phase === 'iterating' && before.status === 'running' && before.restarts[progress.restart]) {
      this.emit('progress', progressIncrement(progress));
    } else {
      this.emit('changed');
    }
    const now = performance.now();
    if (progress.phase === 'iterating' && now >= this.firstCheckpointDue) {
      this.firstCheckpointDue = now + firstCheckpointPause;
      void this.firstCheckpoint();
    }
  }

  private async firstCheckpoint(): Promise<void> {
    const before = this.kept;
    if ((await this.latest({ waitedFor: false })) !== before) this.emit('factors');
  }

  /** Keeps a checkpoint, unless its job has ended meanwhile: then there is something newer. */
  private keep(jobId: string, checkpoint: Factorization): boolean {
    if (this.job?.id !== jobId || this.job.fitted) return false;
    this.kept = checkpoint;
    this.firstCheckpointDue = Infinity;
    if (!this.present.can.export) this.show({ ...this.present, can: { ...this.present.can, export: true } });
    return true;
  }

  private show(state: InspectorState): void {
    this.present = { ...state, can: { ...state.can, save: this.unsaved && state.can.export } };
    if (this.known.length > 0) {
      this.present.advice = this.known.map(({ text, action }) => ({ text: editorWords(text), action }));
    }
    this.emit('changed');
  }
}
