import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orNothing } from './identity';

/**
 * Names of unfinished files: short whatever the file is called, hidden, so that readers of folders pass them over, and
 * telling whose they are.
 */
const pattern = /^\.factorlens-(\d+)-[0-9a-f]{12}\.tmp$/;

/** Milliseconds after which an unfinished file whose writer is gone is no longer wanted: the writer may be on another machine. */
const orphanAge = 10 * 60_000;
/** After this long it is removed even if some process has the number of its writer. */
const greatestAge = 24 * 3600_000;

export function temporaryName(): string {
  return `.factorlens-${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
}

/** Removes the unfinished files that killed processes have left in a folder. What cannot be removed stays. */
export async function removeOrphans(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    // Who may write into a folder need not be allowed to list it: what is left there does no harm.
    return;
  }
  // One that cannot be removed, or that another cleaner was quicker to remove, keeps none of the others.
  await Promise.allSettled(names.map((name) => removeOrphan(folder, name)));
}

async function removeOrphan(folder: string, name: string): Promise<void> {
  const writer = pattern.exec(name)?.[1];
  const found = writer === undefined ? undefined : await orNothing(stat(join(folder, name)));
  if (found === undefined) return;
  const age = Date.now() - found.mtimeMs;
  if (age > greatestAge || (age > orphanAge && !isAlive(Number(writer)))) {
    await rm(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
