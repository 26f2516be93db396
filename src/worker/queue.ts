export interface Waiting {
  /** Gives up waiting: the work is never begun, and its promise rejects with the signal's reason. */
  signal: AbortSignal;
  /** Called with the place among those that wait, 1 for the next in line, at once and whenever it changes. */
  onPosition(position: number): void;
}

/**
 * One piece of work at a time, in the order in which they came: two would only take turns at the same processor and
 * memory. It is kept by the host, so that the death of a worker takes the job at work and none of those that wait.
 */
export class Queue {
  private readonly waiting: { begin: () => void; onPosition: (position: number) => void }[] = [];
  private busy = false;

  /** Does the work when its turn comes; whether it succeeds or fails, the next has its turn afterwards. */
  async inTurn<T>(work: () => Promise<T>, { signal, onPosition }: Waiting): Promise<T> {
    signal.throwIfAborted();
    if (this.busy) await this.turn(signal, onPosition);
    this.busy = true;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.next();
    }
  }

  private turn(signal: AbortSignal, onPosition: (position: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        this.announce();
        reject(signal.reason as Error);
      };
      const begin = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const entry = { begin, onPosition };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(entry);
      onPosition(this.waiting.length);
    });
  }

  private next(): void {
    const next = this.waiting.shift();
    // It stays busy when one follows another: nobody may slip in before the one whose turn it is.
    this.busy = next !== undefined;
    this.announce();
    next?.begin();
  }

  private announce(): void {
    this.waiting.forEach(({ onPosition }, index) => onPosition(index + 1));
  }
}
