import { spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';

/** Runs a Python program, which has NumPy, and gives back what it printed as JSON. */
export function python(program: string, ...args: string[]): unknown {
  const { error, status, stdout, stderr } = spawnSync('python3', ['-c', program, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(error, undefined, 'python3 is there');
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}
