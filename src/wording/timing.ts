import type { Timing } from '../factorization/result';

/** What the seconds of a job went into, in the order in which it went, worded for the user. They add up to the total. */
export function timingParts(timing: Timing): { label: string; seconds: number }[] {
  const { start, queue, read, chooseRank, loadRuntime, compile, iterate, diagnose, use, write } = timing;
  const parts: [string, number | undefined][] = [
    ['start', start],
    ['wait for other jobs', queue !== undefined && queue >= minWait ? queue : undefined],
    ['read', read],
    ['choose the rank', chooseRank],
    ['load the runtime', loadRuntime],
    ['compile', compile],
    ['iterate', iterate],
    ['compare restarts', diagnose?.consensus],
    ['bound', diagnose?.bound],
    ['curvature', diagnose?.curvature],
    ['use', use],
    ['write', write],
  ];
  return parts.flatMap(([label, seconds]) => (seconds === undefined ? [] : [{ label, seconds }]));
}

/** A turn that comes at once is no wait. */
const minWait = 0.01;
