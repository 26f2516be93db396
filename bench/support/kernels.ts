/**
 * The kernels of OpenBLAS that suit a processor, the best first. It chooses by a list of models, so that a release which is
 * older than the processor takes the plainest: SSE3, three times slower than what the processor can do.
 * @param cpuinfo what /proc/cpuinfo says; empty where there is none
 */
export function kernelsFor(cpuinfo: string): string[] {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/));
  const has = (...wanted: readonly string[]): boolean => wanted.every((flag) => flags.has(flag));
  const kernels: string[] = [];
  // What OpenBLAS calls SkylakeX needs these four, whoever makes the processor.
  if (has('avx512f', 'avx512dq', 'avx512bw', 'avx512vl', 'avx2', 'fma')) kernels.push('SkylakeX');
  if (has('avx2', 'fma')) {
    if (/^vendor_id\s*:\s*(AuthenticAMD|HygonGenuine)$/m.test(cpuinfo)) kernels.push('Zen');
    kernels.push('Haswell');
  }
  if (has('avx')) kernels.push('Sandybridge');
  return kernels;
}

/** What a Python says of itself with some kernels asked for: see peer_check.py. */
export interface Checked {
  readonly kernel: string;
  readonly right: boolean;
}

/**
 * The first kernels that are really used and compute what they should, and what is to be said of those before them.
 * @param check runs a Python that is asked for kernels, or for what the library chooses by itself
 */
export function chooseKernel<C extends Checked>(
  candidates: readonly string[],
  check: (kernel: string | undefined) => C,
): { readonly kernel: string | undefined; readonly checked: C; readonly notes: readonly string[] } {
  const notes: string[] = [];
  for (const kernel of candidates) {
    const checked = check(kernel);
    if (checked.kernel === '') return { kernel: undefined, checked, notes: ['NumPy does not use OpenBLAS'] };
    if (checked.kernel.toLowerCase() !== kernel.toLowerCase()) {
      notes.push(`asked for ${kernel}, OpenBLAS took ${checked.kernel}`);
    } else if (!checked.right) notes.push(`the kernels of ${kernel} compute wrong products here`);
    else return { kernel, checked, notes };
  }
  const checked = check(undefined);
  if (!checked.right) throw new Error(`OpenBLAS computes wrong products here: ${notes.join('; ')}.`);
  return { kernel: undefined, checked, notes: [...notes, `OpenBLAS chose ${checked.kernel || 'nothing'} by itself`] };
}
