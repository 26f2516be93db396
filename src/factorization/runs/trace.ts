import type * as v from 'valibot';
import { stopReasons } from '../../model/stopping';
import { seed } from '../../model/settings';
import { integer, number, object, oneOf } from '../../untrusted/schema';
import type { Factors } from '../factors';

/**
 * The objective along one restart. Entry k is the objective after `iteration[k]` iterations (0 is the start; increasing,
 * not necessarily consecutive when a long trace was thinned) and was reached `seconds[k]` of computing after the restart began.
 */
export interface Trace {
  iteration: Float64Array;
  seconds: Float64Array;
  objective: Float64Array;
}

/** One run from one random start. */
export type RestartReport = v.InferOutput<typeof restartSchema> & { trace: Trace };

/** A restart but for its trace, which is saved as arrays. */
export const restartSchema = object({
  seed,
  /** Final objective, recomputed in float64 from the residual. */
  objective: number,
  iterations: integer(0),
  stopReason: oneOf(stopReasons),
});

/** Most points kept of one restart: enough for any chart, and little beside the factors. */
const maxPoints = 4096;

/**
 * Keeps a restart's trace within bounds: when it is full, every other point is dropped and from then on only every
 * second, fourth, … iteration is kept. The first and the latest point are always there.
 */
export class TraceRecorder {
  private iteration: number[] = [];
  private seconds: number[] = [];
  private objective: number[] = [];
  private stride = 1;
  private spent = 0;
  /** Whether the last point is only there because it is the latest. */
  private provisional = false;

  static from(trace: Trace): TraceRecorder {
    const recorder = new TraceRecorder();
    trace.iteration.forEach((iteration, k) => {
      recorder.add(iteration, trace.seconds[k]!, trace.objective[k]!);
    });
    return recorder;
  }

  add(iteration: number, seconds: number, objective: number): void {
    if (this.provisional || this.iteration.at(-1) === iteration) this.dropLast();
    this.iteration.push(iteration);
    this.seconds.push(seconds);
    this.objective.push(objective);
    this.provisional = iteration % this.stride !== 0;
    this.spent = Math.max(this.spent, seconds);
    if (this.iteration.length > maxPoints) this.thin();
  }

  /** The run has computed for so many seconds in all, whether or not a point lies there. */
  reach(seconds: number): void {
    this.spent = Math.max(this.spent, seconds);
  }

  /** Seconds of computing so far: at the latest point, or after it. */
  get elapsed(): number {
    return this.spent;
  }

  trace(): Trace {
    return {
      iteration: Float64Array.from(this.iteration),
      seconds: Float64Array.from(this.seconds),
      objective: Float64Array.from(this.objective),
    };
  }

  private dropLast(): void {
    this.iteration.pop();
    this.seconds.pop();
    this.objective.pop();
  }

  private thin(): void {
    this.stride *= 2;
    const last = this.iteration.length - 1;
    const keep = this.iteration.map((iteration, k) => k === last || iteration % this.stride === 0);
    const kept = <T>(values: T[]): T[] => values.filter((_, k) => keep[k]);
    this.seconds = kept(this.seconds);
    this.objective = kept(this.objective);
    this.iteration = kept(this.iteration);
    this.provisional = this.iteration.at(-1)! % this.stride !== 0;
  }
}

/** The restarts so far, and the factors of the best of them. */
export interface RestartsSoFar {
  restarts: RestartReport[];
  best: number;
  factors: Factors;
}

/** The restarts so far with one more, or with restart `index` replaced by how it stands now; the lowest objective leads. */
export function withRestart(
  soFar: RestartsSoFar | null,
  index: number,
  report: RestartReport,
  factors: Factors,
): RestartsSoFar {
  if (!soFar) return { restarts: [report], best: 0, factors };
  const restarts = [...soFar.restarts];
  restarts[index] = report;
  const leads = index === soFar.best || report.objective < restarts[soFar.best]!.objective;
  return leads ? { restarts, best: index, factors } : { ...soFar, restarts };
}
