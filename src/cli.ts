import { join } from 'node:path';
import { forkWorker } from './worker/fork';

/**
 * The worker's process is started before anything else is loaded, so that both get ready at the same time: half of what a
 * small job takes is getting ready.
 */
const args = process.argv.slice(2);
const workerPath = join(__dirname, 'worker.js');
const onlyTells = args.length === 0 || args.some((arg) => ['--help', '-h', '--version'].includes(arg));
const worker = onlyTells ? undefined : forkedWorker();
worker?.once('error', () => worker.kill());

function forkedWorker(): ReturnType<typeof forkWorker> | undefined {
  try {
    return forkWorker(workerPath);
  } catch {
    // The system refused: whoever needs a worker then tries again, and tells why there is none.
    return undefined;
  }
}

void import('./cli/main').then(({ main }) => main(args, workerPath, worker));
