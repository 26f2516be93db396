import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { needsData } from '../factorization/use/kinds';
import { WorkerClient, type WorkerClientOptions } from '../worker/client';
import { JobCancelledError, WorkerCrashedError } from '../worker/errors';
import { UsageError } from './errors';
import { exitCodeOf, exitCodes } from './exit-codes';
import { listenForInterruption } from './interruption';
import type { UseCommand } from './options';
import { readFactors } from './read-factors';
import { oneLine } from './text';
import { reportUses, summariseUses } from './use-summary';
import { outputsOf, writeUses } from './write-uses';

/**
 * Uses a saved result: new rows, missing entries, reconstructions, rows that stand out or lie near.
 * @returns the process's exit code. Errors have been told on stderr, each in one line.
 */
export async function useResult(command: UseCommand, worker: WorkerClientOptions): Promise<number> {
  const { result, quiet, json } = command;
  const note = (line: string): void => void process.stderr.write(`${oneLine(line)}\n`);
  const client = new WorkerClient(worker);
  if (process.env['FACTORLENS_LOG'] === '1') client.onLog(({ level, message }) => note(`${level}: ${message}`));
  const interruption = listenForInterruption(client, note);
  try {
    const factorization = await readFactors(command.transform ? 'transform' : undefined, result);
    const data = command.uses.some(({ use }) => needsData(use))
      ? (command.data ?? (await besides(result, factorization.source.name)))
      : undefined;
    const weights =
      data !== undefined && !command.transform && factorization.weights
        ? (command.weights ?? (await besides(result, factorization.weights.name, 'weights')))
        : command.weights;
    const outputs = await outputsOf(data ?? result, command.uses);
    const results = await client.use(
      {
        jobId: interruption.jobId,
        factorization,
        ...(data !== undefined && { source: { kind: 'path', path: resolve(data) } }),
        ...(weights !== undefined && { weights: { kind: 'path', path: resolve(weights) } }),
        uses: outputs.map(({ use }) => use),
      },
      { token: interruption.token },
    );
    await writeUses(results, outputs);
    if (json) {
      process.stdout.write(`${JSON.stringify({ result, data: data ?? null, uses: reportUses(results, outputs) })}\n`);
    } else if (!quiet) {
      process.stdout.write(summariseUses(results, outputs));
    }
    return interruption.exitCode ?? exitCodes.done;
  } catch (error) {
    if (
      interruption.exitCode !== undefined &&
      (error instanceof JobCancelledError || error instanceof WorkerCrashedError)
    ) {
      note('Interrupted; nothing was written.');
      return interruption.exitCode;
    }
    note(error instanceof Error ? error.message : String(error));
    return exitCodeOf(error);
  } finally {
    interruption.end();
    await client.dispose();
  }
}

/** The data, or their weights, that lie beside a result. @throws UsageError when they do not */
async function besides(result: string, name: string, option: 'data' | 'weights' = 'data'): Promise<string> {
  const path = join(dirname(result), basename(name));
  try {
    await stat(path);
    return path;
  } catch (error) {
    throw new UsageError(
      `${oneLine(result)} came from ${oneLine(name)}, which does not lie beside it; name the ${option} with --${option} FILE.`,
      { cause: error },
    );
  }
}
