import { performance } from 'node:perf_hooks';

/** Tells what the time went into: at any moment one part is under way, so that the parts add up to the whole. */
export class Stopwatch<Part extends string> {
  private readonly milliseconds = new Map<Part, number>();
  private since: number;

  /** @param began when the first part began, in milliseconds of `performance.now()` */
  constructor(
    private current: Part,
    private readonly began = performance.now(),
  ) {
    this.since = began;
  }

  /** Ends the part that is under way and begins another, or goes on with one. */
  begin(part: Part): void {
    this.lap();
    this.current = part;
  }

  /** Seconds of all parts so far. */
  get total(): number {
    this.lap();
    return (this.since - this.began) / 1000;
  }

  /** Seconds of each part at one moment, so that they add up to the total; 0 for one that has not begun. */
  read(): { seconds: (part: Part) => number; total: number } {
    this.lap();
    const parts = new Map(this.milliseconds);
    return { seconds: (part) => (parts.get(part) ?? 0) / 1000, total: (this.since - this.began) / 1000 };
  }

  private lap(): void {
    const now = performance.now();
    this.milliseconds.set(this.current, (this.milliseconds.get(this.current) ?? 0) + now - this.since);
    this.since = now;
  }
}
