/** What the numbers of a column look like besides measurements, found out while they pass. */

/** Numbers by which files written by old programs say "not observed": nines alone. */
const sentinelValues = [-9, -99, -999, -9999, -99999, -999.9, -99.9, -9999.9, 999, 9999, 99999];
const isSentinel = new Set(sentinelValues);

/** A sentinel lies farther from all other numbers than this many times their range. */
const farAway = 2;

/** Finds a number that stands for a missing one: nines, more than once, far from everything else. */
export class Sentinels {
  private readonly counts = new Map<number, number>();
  private least = Infinity;
  private most = -Infinity;

  add(value: number): void {
    if ((value <= -9 || value >= 999) && isSentinel.has(value)) {
      this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
      return;
    }
    if (value < this.least) this.least = value;
    if (value > this.most) this.most = value;
  }

  /** The sentinels with how often each occurs. */
  found(): ReadonlyMap<number, number> {
    const reach = farAway * Math.max(this.most - this.least, Math.abs(this.most) / 100);
    return new Map(
      [...this.counts].filter(
        ([value, count]) => count > 1 && (value < this.least - reach || value > this.most + reach),
      ),
    );
  }
}

/** Fewer rows than this in order say nothing. */
const minSteps = 5;
/** As many evenly spaced ones say it without a name. */
const minEvenSteps = 10;

const axisNames =
  /^(?:m\/?z|mz|t|time|times|zeit|seconds?|minutes?|hours?|year|jahr|years|wave ?length|wave ?number|lambda|frequency|freq|hz|depth|energy|ev|2 ?theta|angle|retention ?time|rt|distance|position|x)\b/i;

/** Finds a column along which the others are measured: its numbers rise, or fall, from row to row. */
export class AxisSign {
  private last = NaN;
  private step = NaN;
  private count = 0;
  private steady = true;
  private even = true;

  add(value: number): void {
    this.count++;
    if (this.count === 2) this.step = value - this.last;
    if (this.count > 1 && this.steady) {
      const step = value - this.last;
      this.steady = step * this.step > 0;
      this.even &&= Math.abs(step - this.step) <= 1e-3 * Math.abs(this.step);
    }
    this.last = value;
  }

  /** An axis lacks nothing. */
  gap(): void {
    this.steady = false;
  }

  /** Whether the numbers, with the column's name, look like an axis. */
  isAxis(name: string): boolean {
    if (!this.steady) return false;
    return (axisNames.test(name) && this.count >= minSteps) || (this.even && this.count >= minEvenSteps);
  }
}
