import { join } from 'node:path';
import { version } from '../package.json';
import { help } from './cli/help';
import { parseCommandLine } from './cli/options';
import { exitCodeOf, exitCodes } from './cli/exit-codes';
import { run } from './cli/run';
import { oneLine } from './cli/text';
import { useResult } from './cli/use';
import { codeOf, reasonOf } from './files/failure';

/** The same job as in the editor, without one. */
async function main(): Promise<number> {
  const command = parseCommandLine(process.argv.slice(2));
  switch (command.kind) {
    case 'help':
      process.stdout.write(help);
      return exitCodes.done;
    case 'version':
      process.stdout.write(`${version}\n`);
      return exitCodes.done;
    case 'run':
      return await run(command, join(__dirname, 'worker.js'));
    case 'use':
      return await useResult(command, join(__dirname, 'worker.js'));
  }
}

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

main().then(
  // Not process.exit(): it would cut off what a pipe has not taken yet.
  (code) => {
    process.exitCode = outputFailed && code === exitCodes.done ? exitCodes.usage : code;
  },
  (error: unknown) => {
    process.stderr.write(`${oneLine(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = exitCodeOf(error);
  },
);
