/** What is summed up beside Σx and the extremes. */
export interface SummaryParts {
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
  readonly least: Float64Array;
  readonly most: Float64Array;

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
  }

  add(group: number, value: number): void {
    this.count[group] = (this.count[group] as number) + 1;
    this.sum[group] = (this.sum[group] as number) + value;
    this.squares[group] = (this.squares[group] as number) + value * value;
    if (value > 0) this.positives[group] = (this.positives[group] as number) + 1;
    if (value < (this.least[group] as number)) this.least[group] = value;
    if (value > (this.most[group] as number)) this.most[group] = value;
  }

  /** Whole rows of values, each to the group of its column. A loop is several times as fast as a call a value. */
  addRows(values: Float64Array): void {
    const { count, sum, squares, positives, least, most, groups } = this;
    for (let start = 0; start < values.length; start += groups) {
      for (let j = 0; j < groups; j++) {
        const x = values[start + j] as number;
        count[j] = (count[j] as number) + 1;
        sum[j] = (sum[j] as number) + x;
        if (x < (least[j] as number)) least[j] = x;
        if (x > (most[j] as number)) most[j] = x;
      }
      if (this.parts.squares) {
        for (let j = 0; j < groups; j++) squares[j] = (squares[j] as number) + (values[start + j] as number) ** 2;
      }
      if (this.parts.positives) {
        for (let j = 0; j < groups; j++)
          if ((values[start + j] as number) > 0) positives[j] = (positives[j] as number) + 1;
      }
    }
  }

  /** 0 where nothing was observed, and exactly the value where there is only one. */
  mean(group: number): number {
    const least = this.least[group] as number;
    if (least === this.most[group]) return least;
    const count = this.count[group] as number;
    return count === 0 ? 0 : (this.sum[group] as number) / count;
  }

  /** 0 where nothing was observed. */
  leastOf(group: number): number {
    return this.count[group] === 0 ? 0 : (this.least[group] as number);
  }

  range(group: number): number {
    return this.count[group] === 0 ? 0 : (this.most[group] as number) - (this.least[group] as number);
  }

  /** With the sum divided by n. Accurate where the mean is near 0, as after centring. */
  deviation(group: number): number {
    const mean = this.mean(group);
    return Math.sqrt(Math.max(0, (this.squares[group] as number) / (this.count[group] as number) - mean * mean));
  }
}
