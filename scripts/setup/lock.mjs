// A lock between processes, held as a file that names its holder, so that a holder that died does not block for ever.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './run.mjs';

const patience = 30 * 60_000;

/**
 * @param {string} file
 * @param {string} holder what is waited for, told once while waiting
 * @returns {Promise<() => void>} releases the lock
 */
export async function lock(file, holder) {
  mkdirSync(dirname(file), { recursive: true });
  const deadline = Date.now() + patience;
  let told = false;
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx');
      writeSync(descriptor, String(process.pid));
      closeSync(descriptor);
      const release = () => rmSync(file, { force: true });
      process.once('exit', release);
      return () => {
        process.off('exit', release);
        release();
      };
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (!holderIsAlive(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (Date.now() > deadline) throw new Error(`Waited 30 minutes for ${holder}. If none is running, delete ${file}.`);
    if (!told) {
      say(`Waiting for ${holder} …`);
      told = true;
    }
    await delay(500);
  }
}

/** @param {string} file */
function holderIsAlive(file) {
  let holder;
  try {
    holder = Number(readFileSync(file, 'utf8'));
  } catch {
    return true; // released this moment: the next attempt takes it
  }
  // An empty file is one that its holder is writing just now.
  if (holder === 0) return true;
  try {
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
