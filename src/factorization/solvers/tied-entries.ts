import type { Model } from '../model';

/** The penalty that ties a factor's entries to each other, for solvers that take each by itself; undefined where none does. */
export function tiedEntries({ W, H }: Model['penalties']): string | undefined {
  if (W.smooth > 0 || H.smooth > 0) return 'it does not know smoothness penalties';
  if (W.orthogonal > 0 || H.orthogonal > 0) return 'it does not know orthogonality penalties';
  return undefined;
}
