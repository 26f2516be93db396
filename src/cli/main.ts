import type { ChildProcess } from 'node:child_process';
import { version } from '../../package.json';
import { codeOf, reasonOf } from '../files/failure';
import { exitCodeOf, exitCodes } from './exit-codes';
import { help } from './help';
import { parseCommandLine } from './options';
import { run } from './run';
import { oneLine } from './text';
import { useResult } from './use';

/**
 * The same job as in the editor, without one.
 * @param forked a worker's process that is starting already
 */
async function carryOut(
  args: readonly string[],
  workerPath: string,
  forked: ChildProcess | undefined,
): Promise<number> {
  const command = parseCommandLine(args);
  switch (command.kind) {
    case 'help':
      process.stdout.write(help);
      return exitCodes.done;
    case 'version':
      process.stdout.write(`${version}\n`);
      return exitCodes.done;
    case 'run':
      return await run(command, { workerPath, ...(forked && { forked }) });
    case 'use':
      return await useResult(command, { workerPath, ...(forked && { forked }) });
  }
}

/** Does what the command line asks for, and sets the exit code. */
export function main(args: readonly string[], workerPath: string, forked: ChildProcess | undefined): void {
  let outputFailed = false;
  process.stdout.on('error', (error) => {
    // A reader that has seen enough (`| head`) closes the pipe; the work is done all the same.
    if (codeOf(error) === 'EPIPE' || outputFailed) return;
    outputFailed = true;
    process.stderr.write(`The standard output could not be written (${reasonOf(error)}); send it elsewhere.\n`);
    process.exitCode = exitCodes.usage;
  });
  // What cannot be told on stderr cannot be told; the exit code still says how it went.
  process.stderr.on('error', () => undefined);
  // Whoever took the process has ended it by then; one that nobody took must not keep this one waiting.
  const carriedOut = carryOut(args, workerPath, forked).finally(() => forked?.kill('SIGKILL'));
  carriedOut.then(
    // Not process.exit(): it would cut off what a pipe has not taken yet.
    (code) => {
      process.exitCode = outputFailed && code === exitCodes.done ? exitCodes.usage : code;
    },
    (error: unknown) => {
      process.stderr.write(`${oneLine(error instanceof Error ? error.message : String(error))}\n`);
      process.exitCode = exitCodeOf(error);
    },
  );
}
