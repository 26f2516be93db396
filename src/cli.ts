import { join } from 'node:path';
import { version } from '../package.json';
import { UsageError } from './cli/errors';
import { help } from './cli/help';
import { parseCommandLine } from './cli/options';
import { exitCodes } from './cli/exit-codes';
import { run } from './cli/run';
import { oneLine } from './cli/text';
import { useResult } from './cli/use';

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

// A reader that has seen enough (`| head`) closes the pipe; the work is done all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}

main().then(
  // Not process.exit(): it would cut off what a pipe has not taken yet.
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${oneLine(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.fault;
  },
);
