import { performance } from 'node:perf_hooks';

/** The part of a run's time that telling of it may take. */
const largest = 0.01;

/** Something that is done now and then, while it takes no more than a small part of the time in all. */
export class TimeShare {
  private spent = 0;

  /** @param expected seconds that it takes once, as far as is known before */
  constructor(private expected: number) {}

  /** Whether it can be done once more after so many seconds. */
  allows(elapsed: number): boolean {
    return this.spent + this.expected <= largest * elapsed;
  }

  /** Does it. */
  spend<T>(work: () => T): T {
    const began = performance.now();
    try {
      return work();
    } finally {
      const seconds = (performance.now() - began) / 1000;
      this.spent += seconds;
      this.expected = seconds;
    }
  }
}
