import type { Readable } from 'node:stream';

const maximumLineLength = 2000;
const maximumLines = 500;
/** Enough that V8's fatal message is among them, which a stack of the native code follows. */
const keptLines = 60;

/**
 * Passes a child's output on line by line, within bounds: a native library that complains at every step must not
 * fill the log, and a line without an end must not fill memory. The last lines are kept to explain a crash.
 */
export class BoundedOutput {
  private pending = '';
  private passed = 0;
  private readonly last: string[] = [];

  constructor(private readonly pass: (line: string) => void) {}

  /** The last lines seen, oldest first, whether passed on or not. */
  get tail(): readonly string[] {
    return this.last;
  }

  listen(stream: Readable | null): void {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => this.write(text));
    stream?.on('end', () => this.flush());
  }

  write(text: string): void {
    const lines = (this.pending + text).split(/\r?\n/);
    this.pending = (lines.pop() ?? '').slice(0, maximumLineLength + 1);
    lines.forEach((line) => this.line(line));
  }

  /** Passes on a last line that has no end. */
  flush(): void {
    if (this.pending !== '') {
      this.line(this.pending);
      this.pending = '';
    }
  }

  private line(text: string): void {
    if (text.trim() === '') {
      return;
    }
    const line = text.length > maximumLineLength ? `${text.slice(0, maximumLineLength)}…` : text;
    this.last.push(line);
    if (this.last.length > keptLines) {
      this.last.shift();
    }
    this.passed++;
    if (this.passed <= maximumLines) {
      this.pass(line);
    } else if (this.passed === maximumLines + 1) {
      this.pass(`(more than ${maximumLines} lines of output; the rest is left out)`);
    }
  }
}
