import type { HostMessage, InspectorProgress } from '../protocol/inspector';
import type { FactorizationSession } from './session';
import { mergeIncrements } from './state';

/** Least milliseconds between two messages about a run under way: about as often as numbers can be read. */
const minPause = 250;

/**
 * A page that takes some time to draw is sent nothing for so many times as long: where the run keeps all processors busy,
 * what draws is taken from it. What the browser does beside the page's own script comes on top.
 */
const restFactor = 150;

/** The pause does not grow beyond this, in milliseconds. */
const maxPause = 5000;

/** The first one is no longer than this, in milliseconds, and the next ones grow with the run: one of two seconds is seen to converge, too. */
const firstPause = 500;
const growth = 2;

/** A page that does not say for so long that it has drawn is sent the next message all the same, in milliseconds. */
const drawTimeout = 8000;

/**
 * What a page is sent of its session: a snapshot whenever the state as a whole changes, and of a run under way what is new of
 * it, as soon as the page has drawn what it was sent before and has rested: being watched is to cost a run next to nothing.
 */
export class Feed {
  /** What the page has yet to be sent of each restart. */
  private readonly waiting = new Map<number, InspectorProgress>();
  private timer: NodeJS.Timeout | undefined;
  /** More has changed than that. */
  private stale = false;
  /** The last snapshot was of a run under way, as what followed it is. */
  private running = false;
  /** When the first one of it was sent, in milliseconds of `performance.now()`. */
  private began = 0;
  /** Something was sent that the page has not drawn yet. */
  private drawing = false;
  /** When the page may be sent the next message, in milliseconds of `performance.now()`. */
  private due = 0;

  constructor(
    private readonly session: FactorizationSession,
    private readonly post: (message: HostMessage) => void,
  ) {
    session.on('changed', this.onChanged);
    session.on('progress', this.onProgress);
  }

  dispose(): void {
    this.rest();
    this.session.off('changed', this.onChanged);
    this.session.off('progress', this.onProgress);
  }

  /** Sends all there is to know, now. */
  sendSnapshot(): void {
    this.rest();
    // It holds every point there is: what waits would come twice.
    this.waiting.clear();
    this.stale = false;
    const { state } = this.session;
    const running = state.status === 'running';
    if (running && !this.running) this.began = performance.now();
    this.running = running;
    this.post({ type: 'snapshot', state });
    if (this.running) this.awaitDrawing();
  }

  /** The page has drawn what it was sent, which took it so many milliseconds. */
  drawn(milliseconds: number): void {
    if (!this.drawing) return;
    this.rest();
    const now = performance.now();
    const longest = Math.min(maxPause, Math.max(firstPause, growth * (now - this.began)));
    this.due = now + Math.max(minPause, Math.min(longest, restFactor * milliseconds));
    if (this.stale || this.waiting.size > 0) this.schedule();
  }

  private readonly onChanged = (): void => {
    if (this.running && this.session.state.status === 'running') {
      this.stale = true;
      this.schedule();
    } else {
      this.sendSnapshot();
    }
  };

  private readonly onProgress = (increment: InspectorProgress): void => {
    // A snapshot that is due has it as well.
    if (!this.stale) {
      const before = this.waiting.get(increment.restart);
      this.waiting.set(increment.restart, before ? mergeIncrements(before, increment) : increment);
    }
    this.schedule();
  };

  private schedule(): void {
    if (this.drawing) return;
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.due - performance.now()));
  }

  private flush(): void {
    this.timer = undefined;
    if (this.stale) {
      this.sendSnapshot();
      return;
    }
    this.post({ type: 'progress', progress: [...this.waiting.values()] });
    this.waiting.clear();
    this.awaitDrawing();
  }

  private awaitDrawing(): void {
    this.drawing = true;
    this.timer = setTimeout(() => this.drawn(0), drawTimeout);
  }

  /** Nothing is waited for any more. */
  private rest(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.drawing = false;
  }
}
