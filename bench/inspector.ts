/**
 * What an open inspector costs a run: the same job alternately by itself and watched, by the session, what it publishes, and
 * the page in a browser. `npm run bench -- inspector [ROUNDS [SAMPLE]]`. The figures are medians over the pairs: of the
 * seconds of iterating, which a busy machine disturbs, of the processor seconds of the worker, which it disturbs less, and
 * the part of the machine's processor time that drawing and publishing take, which bounds what a run can lose to them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { FactorizationSettings } from '../src/model/settings';
import { defaultStopping } from '../src/model/stopping';
import { presetModel } from '../src/model/presets';
import { Feed } from '../src/inspector/feed';
import { FactorizationSession, type SessionServices } from '../src/inspector/session';
import type { JobProgress } from '../src/protocol/worker';
import { WorkerClient } from '../src/worker/client';
import { forkWorker } from '../src/worker/fork';
import { InspectorPage, Site } from '../test/ui/page/inspector-page';
import { median } from './support/versus';

const defaultRounds = 9;
const restarts = 5;
/** Iterations of each start, for some seconds in all. */
const iterations: Record<string, number> = { 'digits.csv': 4000, 'mutations.tsv': 40_000, 'china.jpg': 600 };

interface Cost {
  /** Of iterating, by the clock. */
  seconds: number;
  /** Processor seconds of the worker meanwhile, and of the host and the browser. */
  worker: number;
  others: number;
}

/** Processor seconds so far of a process, of whose ids `/proc` tells, or of several. */
function processorSeconds(ids: readonly number[]): number {
  const ticks = ids.map((id) => {
    try {
      const fields = readFileSync(`/proc/${id}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended.
      return 0;
    }
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

/** This process and all below it, but for the worker. */
function others(worker: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const parent = readFileSync(`/proc/${name}/stat`, 'latin1')
          .replace(/^.*\) /s, '')
          .split(' ')[1];
        return [{ id: Number(name), parent: Number(parent) }];
      } catch {
        return [];
      }
    });
  const found = [process.pid];
  for (const id of found) {
    found.push(...parents.filter(({ parent, id: child }) => parent === id && child !== worker).map((each) => each.id));
  }
  return found;
}

async function main(): Promise<void> {
  const [rounds = String(defaultRounds), name = 'digits.csv'] = process.argv.slice(2);
  const path = join(process.cwd(), 'samples', name);
  const settings: FactorizationSettings = {
    model: presetModel('nmf'),
    solver: { id: 'auto' },
    rank: 10,
    restarts,
    seed: 0,
    device: 'cpu',
    stopping: { ...defaultStopping, iterations: iterations[name] ?? 1000, tolerance: 0 },
  };
  const workerPath = join(process.cwd(), 'dist', 'worker.js');
  const forked = forkWorker(workerPath);
  const client = new WorkerClient({ workerPath, forked });
  const site = await Site.start();
  const inspector = await InspectorPage.open(site);
  let feed: Feed | undefined;
  /** Milliseconds that the page says each drawing took. */
  const drawings: number[] = [];
  await inspector.listen((message) => {
    if (message.type !== 'drawn') return;
    drawings.push(message.milliseconds);
    feed?.drawn(message.milliseconds);
  });

  /** Runs the job; what is measured lies between its first iteration and its last. */
  const measured = async (watched: boolean): Promise<Cost> => {
    const worker = forked.pid ?? 0;
    const rest = others(worker);
    const at = (): Cost => ({
      seconds: performance.now() / 1000,
      worker: processorSeconds([worker]),
      others: processorSeconds(rest),
    });
    let began: Cost | undefined;
    let ended: Cost | undefined;
    const note = (progress: JobProgress): void => {
      if (progress.phase === 'iterating') began ??= at();
    };
    const runner: SessionServices['runner'] = {
      factorize: (params, options) =>
        client.factorize(params, {
          ...options,
          onProgress: (progress) => {
            note(progress);
            options?.onProgress?.(progress);
          },
          onFitted: (fitted) => {
            ended = at();
            options?.onFitted?.(fitted);
          },
        }),
      stop: (jobId) => client.stop(jobId),
      checkpoint: (jobId, options) => client.checkpoint(jobId, options),
    };
    let seconds: number | undefined;
    if (watched) {
      const session = new FactorizationSession({ name, source: path, settings }, undefined, {
        runner,
        openSource: () => Promise.resolve({ kind: 'path', path }),
        log: (message) => console.error(message),
      });
      feed = new Feed(session, (message) => void inspector.deliver(message));
      feed.sendSnapshot();
      await session.run();
      seconds = session.factorization?.timing.iterate;
      feed.dispose();
    } else {
      const { timing } = await runner.factorize({ jobId: 'alone', source: { kind: 'path', path }, settings });
      seconds = timing.iterate;
    }
    if (!began || !ended || seconds === undefined) throw new Error('The job told of no iterations.');
    return { seconds, worker: ended.worker - began.worker, others: ended.others - began.others };
  };

  const pairs: { alone: Cost; watched: Cost }[] = [];
  await measured(true);
  for (let round = 0; round < Number(rounds); round++) {
    // Which comes first alternates too.
    const first = await measured(round % 2 === 0);
    const second = await measured(round % 2 === 1);
    const [watched, alone] = round % 2 === 0 ? [first, second] : [second, first];
    pairs.push({ alone, watched });
    console.log(
      `round ${round + 1}: iterating ${alone.seconds.toFixed(2)} s alone, ${watched.seconds.toFixed(2)} s watched; ` +
        `worker's processor seconds ${alone.worker.toFixed(2)}, ${watched.worker.toFixed(2)}; host and browser ${alone.others.toFixed(2)}, ${watched.others.toFixed(2)}`,
    );
  }
  const change = (of: (cost: Cost) => number): string =>
    `${(100 * (median(pairs.map(({ alone, watched }) => of(watched) / of(alone))) - 1)).toFixed(1)} %`;
  const part = median(
    pairs.map(({ alone, watched }) => (watched.others - alone.others) / (watched.seconds * availableParallelism())),
  );
  console.log(
    `${name}, ${restarts} restarts, rank 10: iterating takes ${change(({ seconds }) => seconds)} longer when watched, ` +
      `the worker's processor time ${change(({ worker }) => worker)}; ` +
      `publishing and drawing take ${(100 * part).toFixed(2)} % of ${availableParallelism()} processors; ` +
      `a run is drawn ${(drawings.length / (pairs.length + 1)).toFixed(0)} times, ${median(drawings).toFixed(1)} ms each`,
  );
  await client.dispose();
  await inspector.close();
  await site.stop();
}

void main().then(() => process.exit());
