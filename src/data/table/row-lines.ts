/** On which line of its file each row of a table begins: held by runs, since most rows take one line. */
export class RowLines {
  private rows = 0;
  private next = -1;
  /** The first row of each run of rows that stand on lines in order, and its line. */
  private readonly firsts: number[] = [];
  private readonly lines: number[] = [];

  /** The next row begins on this line. */
  add(line: number): void {
    if (line !== this.next) {
      this.firsts.push(this.rows);
      this.lines.push(line);
    }
    this.rows++;
    this.next = line + 1;
  }

  /** The line of a row, counted from 0; the line is counted from 1. */
  readonly lineOf = (row: number): number => {
    let [low, high] = [0, this.firsts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.firsts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return this.lines[low]! + row - this.firsts[low]!;
  };
}
