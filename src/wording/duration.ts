/** A time span as a reader would say it, in the two units that matter; `?` where it is not known. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds > 0 && seconds < 0.05) return 'under 0.1 s';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
