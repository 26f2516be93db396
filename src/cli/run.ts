import { basename, dirname } from 'node:path';
import { encodeFactorization } from '../results/npz';
import type { Factorization, Timing } from '../factorization/result';
import type { WarmStart } from '../factorization/starts/start';
import { toReport } from './report';
import { writeResult, writeWhole } from '../files/write';
import { factorsFileName } from '../protocol/naming';
import { pathIn } from '../untrusted/names';
import { WorkerClient, type WorkerClientOptions } from '../worker/client';
import { JobCancelledError, WorkerCrashedError } from '../worker/errors';
import { exitCodeOf, exitCodes } from './exit-codes';
import { listenForInterruption } from './interruption';
import type { RunCommand } from './options';
import { elsewhere, resolveOutputs } from './output';
import { absolute } from './paths';
import { createProgressDisplay } from './progress';
import { readFactors } from './read-factors';
import { summarise } from './summary';
import { jsonLine } from './text';
import { reportUses, summariseUses } from './use-summary';
import { filesOf, withTargets, writeUses } from './write-uses';

/**
 * Runs one job and writes its factors.
 * @returns the process's exit code. Errors have been told on stderr, each in one line.
 */
export async function run(command: RunCommand, worker: WorkerClientOptions): Promise<number> {
  const { file, settings, quiet } = command;
  const source = { kind: 'path', path: absolute(file) } as const;
  const shownOutput = command.out ?? pathIn(dirname(file), factorsFileName(basename(file)));
  const display = createProgressDisplay(process.stderr, settings, { quiet });
  const client = new WorkerClient(worker);
  if (process.env['FACTORLENS_LOG'] === '1') {
    client.onLog(({ level, message }) => display.note(`${level}: ${message}`));
  }
  const interruption = listenForInterruption(client, display.note);
  /** The factors, as soon as they are there and before they are examined. */
  let firstWritten: Promise<WriteOutcome> | undefined;
  try {
    const [output = shownOutput, ...targets] = await resolveOutputs(
      [
        { path: file, what: 'the input itself' },
        ...(command.weights === undefined ? [] : [{ path: command.weights, what: 'the file with the weights' }]),
        ...(command.init === undefined ? [] : [{ path: command.init.file, what: 'the result to begin with' }]),
      ],
      [{ path: shownOutput, option: 'out' }, ...filesOf(command.uses)],
    );
    const outputs = withTargets(command.uses, targets);
    const begin = command.init && beginningOf(readFactors('init', command.init.file), command.init.file);
    const asked = performance.now();
    const factorization = await client.factorize(
      {
        jobId: interruption.jobId,
        source,
        table: command.table,
        ...(command.weights !== undefined && { weights: { kind: 'path', path: absolute(command.weights) } }),
        settings: begin && !command.init?.rankGiven ? { ...settings, rank: begin.rank } : settings,
        ...(begin && { warmStart: begin }),
        diagnose: command.diagnose,
      },
      {
        onProgress: display.update,
        onFitted: (fitted) => {
          firstWritten = outcomeOf(
            writeWhole(output, encodeFactorization(sinceStart(fitted, asked)), elsewhere('out')),
          );
        },
        token: interruption.token,
      },
    );
    let timing = sinceStart(factorization, asked).timing;
    // Where the first writing failed this one fails as well, and keeps the result elsewhere.
    await firstWritten;
    await writeResult(output, encodeFactorization({ ...factorization, timing }), elsewhere('out'));
    timing = withPart(timing, 'write');
    const used =
      outputs.length === 0
        ? []
        : await client.use(
            {
              jobId: interruption.jobId,
              source,
              ...(command.weights !== undefined && { weights: { kind: 'path', path: absolute(command.weights) } }),
              factorization,
              uses: outputs.map(({ use }) => use),
            },
            { token: interruption.token },
          );
    await writeUses(used, outputs);
    if (outputs.length > 0) timing = withPart(timing, 'use');
    display.end();
    const result = { ...factorization, timing };
    if (command.json) {
      const report = toReport(result, { trace: command.trace, output: shownOutput, file });
      process.stdout.write(jsonLine({ ...report, ...(used.length > 0 && { uses: reportUses(used, outputs) }) }));
    } else if (!quiet) {
      process.stdout.write(summarise(result, file, shownOutput) + summariseUses(used, outputs));
    }
    return interruption.exitCode ?? exitCodes.done;
  } catch (error) {
    display.end();
    if (firstWritten && !(await firstWritten).error) {
      display.note(`The factors are in ${shownOutput}, without what was to be found out about them.`);
      if (interruption.exitCode !== undefined) return interruption.exitCode;
    }
    if (
      interruption.exitCode !== undefined &&
      (error instanceof JobCancelledError || error instanceof WorkerCrashedError)
    ) {
      display.note('Interrupted; nothing was written.');
      return interruption.exitCode;
    }
    display.note(error instanceof Error ? error.message : String(error));
    return exitCodeOf(error);
  } finally {
    interruption.end();
    await client.dispose();
  }
}

interface WriteOutcome {
  error?: Error;
}

/** How writing ends, for whoever asks later. */
const outcomeOf = (writing: Promise<void>): Promise<WriteOutcome> =>
  writing.then(
    () => ({}),
    (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
  );

/** With the time before the job was handed in, from when this process began. */
function sinceStart(factorization: Factorization, asked: number): Factorization {
  const { timing } = factorization;
  const before = asked / 1000;
  return {
    ...factorization,
    timing: { ...timing, start: (timing.start ?? 0) + before, total: timing.total + before },
  };
}

/** What has gone by since the total was told goes to one part. */
function withPart(timing: Timing, part: 'write' | 'use'): Timing {
  const total = performance.now() / 1000;
  return { ...timing, [part]: total - timing.total, total };
}

/** What runs begin with that start from a saved result. */
export function beginningOf(factorization: Factorization, file: string): WarmStart {
  const { rows, columns, rank, W, H, biases, source, columnLabels } = factorization;
  return {
    name: basename(file),
    rows,
    columns,
    rank,
    W,
    H,
    ...(biases && { biases }),
    source,
    ...(columnLabels && { columnLabels }),
  };
}
