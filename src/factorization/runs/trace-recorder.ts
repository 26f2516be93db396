import type { Trace } from './trace';

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
