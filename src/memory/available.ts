import { readFileSync } from 'node:fs';
import { freemem, platform, totalmem } from 'node:os';

/** What the system tells, given from outside so that a test can be a machine of its own. */
export interface MemoryReadings {
  /** Bytes that the whole machine has left. */
  free: number;
  total: number;
  /** Bytes left under this process's limit, such as a container's; Node counts files that were only read as in use. */
  underLimit: number;
  /** Bytes of files, read and kept by the system within that limit, that it gives back when they are needed. */
  reclaimable: number;
  platform: NodeJS.Platform;
}

/**
 * Bytes that this process may still take. A container's limit counts as well as the machine; what the system keeps of
 * files that were read is free. macOS calls only untouched memory free and makes room by compressing, so that half of
 * what it has counts there.
 */
export function availableMemory(readings: MemoryReadings = present()): number {
  const machine = readings.platform === 'darwin' ? Math.max(readings.free, readings.total / 2) : readings.free;
  const limited = readings.underLimit + readings.reclaimable;
  return readings.platform === 'darwin' ? machine : Math.min(machine, limited);
}

function present(): MemoryReadings {
  return {
    free: freemem(),
    total: totalmem(),
    underLimit: process.availableMemory(),
    // Without a limit of its own the process has what the machine has, which counts them already.
    reclaimable: platform() === 'linux' && process.constrainedMemory() < totalmem() ? reclaimableInGroup() : 0,
    platform: platform(),
  };
}

/** `inactive_file` of this process's control group, of version 2 or 1; 0 where there is none. */
function reclaimableInGroup(): number {
  try {
    for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
      const [, controllers, path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (controllers !== '' && !controllers?.split(',').includes('memory')) continue;
      const root = controllers === '' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory';
      for (const folder of [`${root}${path}`, root]) {
        const bytes = inactiveFileOf(`${folder}/memory.stat`);
        if (bytes !== undefined) return bytes;
      }
    }
  } catch (error) {
    // A system without control groups.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return 0;
}

function inactiveFileOf(file: string): number | undefined {
  try {
    const found = /^(?:total_)?inactive_file (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
