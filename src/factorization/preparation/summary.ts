/** What is summed up beside Σx. */
export interface SummaryParts {
  extremes?: boolean;
  squares?: boolean;
  positives?: boolean;
}

/** Sums over the observed entries of each row, of each column, or of all, in float64. */
export class Summary {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  /** Σx² and the number of x > 0; zeros where they were not asked for. */
  readonly squares: Float64Array;
  readonly positives: Float64Array;
  /** Where extremes were not asked for, two of a group's values that differ, if any do. */
  readonly least: Float64Array;
  readonly most: Float64Array;
  /** Groups that have shown a single value so far, where that alone is asked of `least` and `most`. */
  private alike: number[];

  /** @param groups number of rows or columns, or 1 */
  constructor(
    readonly groups: number,
    private readonly parts: SummaryParts,
  ) {
    this.count = new Float64Array(groups);
    this.sum = new Float64Array(groups);
    this.squares = new Float64Array(groups);
    this.positives = new Float64Array(groups);
    this.least = new Float64Array(groups).fill(Infinity);
    this.most = new Float64Array(groups).fill(-Infinity);
    this.alike = parts.extremes ? [] : Array.from(this.count.keys());
  }

  add(group: number, value: number): void {
    this.count[group] = this.count[group]! + 1;
    this.sum[group] = this.sum[group]! + value;
    this.squares[group] = this.squares[group]! + value * value;
    if (value > 0) this.positives[group] = this.positives[group]! + 1;
    if (value < this.least[group]!) this.least[group] = value;
    if (value > this.most[group]!) this.most[group] = value;
  }

  /** Whole rows of values, each to the group of its column. A loop is several times as fast as a call a value. */
  addRows(values: Float64Array): void {
    const { count, sum, groups, parts } = this;
    const rows = values.length / groups;
    for (let j = 0; j < groups; j++) count[j] = count[j]! + rows;
    let start = 0;
    // Four rows at a time, so that a sum is read and written once for all of them.
    for (; start + 4 * groups <= values.length; start += 4 * groups) addFourRows(sum, values, start, groups);
    for (let j = 0; start < values.length; start++, j = (j + 1) % groups) {
      sum[j] = sum[j]! + values[start]!;
    }
    if (parts.extremes) this.addExtremes(values);
    else this.findDifferent(values);
    if (parts.squares) this.addSquares(values);
    if (parts.positives) this.addPositives(values);
  }

  private addExtremes(values: Float64Array): void {
    const { least, most, groups } = this;
    for (let start = 0; start < values.length; start += groups) {
      for (let j = 0; j < groups; j++) {
        const x = values[start + j]!;
        if (x < least[j]!) least[j] = x;
        if (x > most[j]!) most[j] = x;
      }
    }
  }

  private findDifferent(values: Float64Array): void {
    const { least, most, groups } = this;
    this.alike = this.alike.filter((j) => {
      for (let at = j; at < values.length; at += groups) {
        const x = values[at]!;
        if (x < least[j]!) least[j] = x;
        if (x > most[j]!) most[j] = x;
        if (least[j] !== most[j]) return false;
      }
      return true;
    });
  }

  private addSquares(values: Float64Array): void {
    const { squares, groups } = this;
    for (let start = 0; start < values.length; start += groups) {
      for (let j = 0; j < groups; j++) squares[j] = squares[j]! + values[start + j]! ** 2;
    }
  }

  private addPositives(values: Float64Array): void {
    const { positives, groups } = this;
    for (let start = 0; start < values.length; start += groups) {
      for (let j = 0; j < groups; j++) if (values[start + j]! > 0) positives[j] = positives[j]! + 1;
    }
  }

  /** 0 where nothing was observed, and exactly the value where there is only one. */
  mean(group: number): number {
    const least = this.least[group]!;
    if (least === this.most[group]) return least;
    const count = this.count[group]!;
    return count === 0 ? 0 : this.sum[group]! / count;
  }

  /** 0 where nothing was observed. */
  leastOf(group: number): number {
    return this.count[group] === 0 ? 0 : this.least[group]!;
  }

  range(group: number): number {
    return this.count[group] === 0 ? 0 : this.most[group]! - this.least[group]!;
  }

  /** With the sum divided by n. Accurate where the mean is near 0, as after centring. */
  deviation(group: number): number {
    const mean = this.mean(group);
    return Math.sqrt(Math.max(0, this.squares[group]! / this.count[group]! - mean * mean));
  }
}

/** Adds four rows that follow each other. */
function addFourRows(sum: Float64Array, values: Float64Array, start: number, count: number): void {
  for (let j = 0, at = start; j < count; j++, at++) {
    const a = values[at]! + values[at + count]!;
    const b = values[at + 2 * count]! + values[at + 3 * count]!;
    sum[j] = sum[j]! + (a + b);
  }
}
