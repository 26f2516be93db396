import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd: string;
  /** Shows the worker's log on stderr, so that `onStderr` can wait for what the worker says. */
  log?: boolean;
  /** Called with all of stderr so far each time that there is more. */
  onStderr?: (stderr: string, pid: number) => void;
  /** Stop reading stdout at once, as `| head -0` would. */
  closeStdout?: boolean;
  /** A file that stdout goes to. */
  stdoutFile?: string;
}

/** Runs FOLDER/cli.js in a process group of its own, as a shell does, and waits for its end. */
export async function runCommandLine(folder: string, args: string[], options: RunOptions): Promise<Outcome> {
  const stdoutFile = options.stdoutFile === undefined ? undefined : openSync(options.stdoutFile, 'w');
  const child = spawn(process.execPath, [join(folder, 'cli.js'), ...args], {
    cwd: options.cwd,
    env: { ...process.env, FACTORLENS_LOG: options.log ? '1' : '0' },
    stdio: ['ignore', stdoutFile ?? 'pipe', 'pipe'],
    detached: true,
  });
  if (stdoutFile !== undefined) closeSync(stdoutFile);
  const { pid } = child;
  if (pid === undefined) {
    throw new Error('The command line could not be started.');
  }
  let stdout = '';
  let stderr = '';
  if (options.closeStdout) {
    child.stdout?.destroy();
  } else {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onStderr?.(stderr, pid);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}
