import { hostBeatInterval } from '../src/protocol/inspector';

/** So many beats without a word, half a minute, are longer than a busy host is silent. */
const maxSilentBeats = 10;

/**
 * Notices that the extension host has gone. Beats of this page's own are counted and not the clock, so that a machine that
 * wakes from sleep raises no alarm; nor does a hidden page, to which nothing is sent.
 */
export class HostSilence {
  private silentBeats = 0;
  private timer: number | undefined;

  constructor(private readonly onChange: () => void) {
    document.addEventListener('visibilitychange', () => this.hear());
  }

  get silent(): boolean {
    return this.silentBeats >= maxSilentBeats;
  }

  /** The host has spoken, or could not have. */
  hear(): void {
    const wasSilent = this.silent;
    this.silentBeats = 0;
    if (wasSilent) this.onChange();
  }

  /** Watches while a job is under way. */
  watch(active: boolean): void {
    if (active === (this.timer !== undefined)) return;
    clearInterval(this.timer);
    this.timer = active ? window.setInterval(() => this.beat(), hostBeatInterval) : undefined;
    if (!active) this.hear();
  }

  private beat(): void {
    if (document.hidden || this.silent) return;
    this.silentBeats++;
    if (this.silentBeats === maxSilentBeats) this.onChange();
  }
}
