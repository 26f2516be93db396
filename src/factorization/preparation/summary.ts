/** Sums over the observed entries of each row, of each column, or of all, in float64. */
export class Summary {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  readonly positives: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;

  /** @param groups number of rows or columns, or 1 */
  constructor(readonly groups: number) {
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
