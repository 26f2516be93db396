import type { SourceIdentity } from '../data/reading-report';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { needsData } from '../model/uses';
import { isFileName, pathIn } from '../untrusted/names';
import { localPath } from '../untrusted/places';
import { WorkerClient, type WorkerClientOptions } from '../worker/client';
import { JobCancelledError, WorkerCrashedError } from '../worker/errors';
import { UsageError } from './errors';
import { exitCodeOf, exitCodes } from './exit-codes';
import { listenForInterruption } from './interruption';
import type { UseCommand } from './options';
import { resolveOutputs, type InputFile } from './output';
import { absolute } from './paths';
import { readFactors } from './read-factors';
import { jsonLine, oneLine } from './text';
import { reportUses, summariseUses } from './use-summary';
import { filesOf, withTargets, writeUses } from './write-uses';

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
    absolute(result);
    const factorization = readFactors(command.transform ? 'transform' : undefined, result);
    const data = command.uses.some(({ use }) => needsData(use))
      ? (command.data ?? (await besides(result, factorization.source.name)))
      : undefined;
    const weights =
      data !== undefined && !command.transform && factorization.weights
        ? (command.weights ?? (await besides(result, factorization.weights.name, 'weights')))
        : command.weights;
    const { source, weights: weighed } = factorization;
    const targets = await resolveOutputs(
      [
        ...(data === undefined ? [] : [{ path: data, what: 'the input itself' }]),
        { path: result, what: 'the result that is used' },
        ...(weights === undefined ? [] : [{ path: weights, what: 'the file with the weights' }]),
        ...originOf(result, source, 'the data that the result came from'),
        ...(weighed ? originOf(result, weighed, 'the weights of the result') : []),
      ],
      filesOf(command.uses),
      [
        { ...source, what: 'the data that the result came from' },
        ...(weighed ? [{ ...weighed, what: 'the weights of the result' }] : []),
      ],
    );
    const outputs = withTargets(command.uses, targets);
    const results = await client.use(
      {
        jobId: interruption.jobId,
        factorization,
        ...(data !== undefined && { source: { kind: 'path', path: absolute(data) } }),
        ...(weights !== undefined && { weights: { kind: 'path', path: absolute(weights) } }),
        uses: outputs.map(({ use }) => use),
      },
      { token: interruption.token },
    );
    await writeUses(results, outputs);
    if (json) {
      process.stdout.write(jsonLine({ result, data: data ?? null, uses: reportUses(results, outputs) }));
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

/** Where a file that a result came from may be: beside it, and where the result says, if it does. */
function originOf(result: string, { name, uri }: SourceIdentity, what: string): InputFile[] {
  const paths = isFileName(name) ? [pathIn(dirname(result), name)] : [];
  const said = uri === undefined ? undefined : localPath(uri);
  if (said !== undefined) paths.push(said);
  return paths.map((path) => ({ path, what }));
}

/**
 * The data, or their weights, that lie beside a result.
 * @param name that the result gives them, which may be a stranger's
 * @throws UsageError when they do not
 */
async function besides(result: string, name: string, option: 'data' | 'weights' = 'data'): Promise<string> {
  const elsewhere = (cause?: unknown): UsageError =>
    new UsageError(
      `${oneLine(result)} came from ${oneLine(name)}, which does not lie beside it; name the ${option} with --${option} FILE.`,
      { cause },
    );
  if (!isFileName(name)) throw elsewhere();
  const path = pathIn(dirname(result), name);
  try {
    await stat(path);
    return path;
  } catch (error) {
    throw elsewhere(error);
  }
}
