import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { bundle, temporaryFolder } from '../worker/support/build';
import type { Outcome } from './support';
import { runCommandLine } from './support';

/** The command line beside a worker that waits, fails and dies on demand. */
describe('the command line, when things go wrong', function () {
  this.timeout(60_000);
  let program: string;
  let folder: string;

  before(async () => {
    program = await temporaryFolder();
    await bundle({ cli: 'src/cli.ts', worker: 'test/unit/worker/fixtures/controlled-worker.ts' }, program);
  });
  after(() => rm(program, { recursive: true, force: true }));
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function assertNothingWritten(outcome: Outcome): Promise<void> {
    assert.equal(outcome.stdout, '');
    assert.deepEqual(await readdir(folder), []);
  }

  /** Sends signals to the process, or to its whole group as a terminal's Ctrl-C does, once the worker says `word`. */
  function signalAt(word: string, signals: NodeJS.Signals[], { group = false } = {}) {
    let sent = false;
    return (stderr: string, pid: number): void => {
      if (sent || !stderr.includes(`] ${word}\n`)) {
        return;
      }
      sent = true;
      signals.forEach((signal, index) => setTimeout(() => process.kill(group ? -pid : pid, signal), index * 300));
    };
  }

  function isRunning(pid: number | undefined): boolean {
    assert.ok(pid !== undefined);
    try {
      return process.kill(pid, 0);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
      return false;
    }
  }

  it('tells a crash of the worker in one line, with exit code 3', async () => {
    const outcome = await runCommandLine(program, ['uncaught.csv', '--json'], { cwd: folder });
    assert.equal(outcome.code, 3);
    assert.match(outcome.stderr, /^The computing process ended unexpectedly with exit code 70[^\n]*\n$/);
    await assertNothingWritten(outcome);
  });

  const endings: Record<string, RegExp> = {
    heap: /^The computing process ran out of memory\./,
    'bad-alloc': /^The computing process ran out of memory\./,
    'late-allocation': /^The computing process ran out of memory\./,
    killed: /^The system ended the computing process, most likely because it ran out of memory\./,
    allocation: /^The job ran out of memory\./,
  };
  for (const [name, words] of Object.entries(endings)) {
    it(`tells memory that ran out in one line with the remedies and exit code 3: ${name}`, async () => {
      const outcome = await runCommandLine(program, [`${name}.csv`, '--json'], { cwd: folder });
      assert.equal(outcome.code, 3, outcome.stderr);
      assert.match(outcome.stderr, words);
      assert.match(outcome.stderr, /^[^\n]*Fewer restarts, a smaller rank, or fewer rows or columns[^\n]*\n$/);
      assert.doesNotMatch(outcome.stderr, /SIG[A-Z]+|bad_alloc/);
      await assertNothingWritten(outcome);
    });
  }

  it('does not blame memory for every abort', async () => {
    const outcome = await runCommandLine(program, ['abort.csv', '--json'], { cwd: folder });
    assert.equal(outcome.code, 3);
    assert.match(outcome.stderr, /^The computing process ended unexpectedly by SIGABRT[^\n]*\n$/);
  });

  it('tells bad data in the words of the reader, with exit code 2', async () => {
    const outcome = await runCommandLine(program, ['bad-data.csv', '--json'], { cwd: folder });
    assert.equal(outcome.code, 2);
    assert.equal(outcome.stderr, 'bad.csv, line 3: no number; put one there.\n');
    await assertNothingWritten(outcome);
  });

  it('tells a fault of ours without a stack, with exit code 1', async () => {
    const outcome = await runCommandLine(program, ['fault.csv'], { cwd: folder });
    assert.equal(outcome.code, 1);
    assert.equal(outcome.stderr, 'a fault of ours\n');
    await assertNothingWritten(outcome);
  });

  for (const group of [false, true]) {
    it(`keeps what there is at the first Ctrl-C${group ? ', which reaches the worker too' : ''}`, async () => {
      const outcome = await runCommandLine(program, ['until-stopped.csv', '--json'], {
        cwd: folder,
        log: true,
        onStderr: signalAt('iterating', ['SIGINT'], { group }),
      });
      assert.equal(outcome.code, 130);
      const report = JSON.parse(outcome.stdout) as { stopReason: string; iterations: number };
      assert.equal(report.stopReason, 'stopped');
      assert.ok(report.iterations >= 1);
      assert.deepEqual(await readdir(folder), ['until-stopped.csv.factors.npz']);
    });
  }

  it('writes nothing at a Ctrl-C before there is anything to keep', async () => {
    const outcome = await runCommandLine(program, ['hold-reading.csv', '--json'], {
      cwd: folder,
      log: true,
      onStderr: signalAt('reading', ['SIGINT']),
    });
    assert.equal(outcome.code, 130);
    assert.match(outcome.stderr, /Interrupted; nothing was written\./);
    await assertNothingWritten(outcome);
  });

  it('gives up at the second Ctrl-C, even when the worker is deep in a native call', async () => {
    const outcome = await runCommandLine(program, ['block.csv', '--iterations', '60000', '--json'], {
      cwd: folder,
      log: true,
      onStderr: signalAt('iterating', ['SIGINT', 'SIGINT'], { group: true }),
    });
    assert.equal(outcome.code, 130);
    await assertNothingWritten(outcome);
  });

  it('gives up when terminated', async () => {
    const outcome = await runCommandLine(program, ['until-stopped.csv'], {
      cwd: folder,
      log: true,
      onStderr: signalAt('iterating', ['SIGTERM']),
    });
    assert.equal(outcome.code, 143);
    await assertNothingWritten(outcome);
  });

  it('takes its worker along when it is killed', async () => {
    let worker: number | undefined;
    const outcome = await runCommandLine(program, ['until-stopped.csv'], {
      cwd: folder,
      log: true,
      onStderr: (stderr, pid) => {
        const said = /\[worker (\d+)\] iterating\n/.exec(stderr)?.[1];
        if (worker === undefined && said !== undefined) {
          worker = Number(said);
          process.kill(pid, 'SIGKILL');
        }
      },
    });
    assert.equal(outcome.signal, 'SIGKILL');
    while (isRunning(worker)) {
      await pause(20);
    }
  });

  it('does its work though nobody reads what it prints', async () => {
    const outcome = await runCommandLine(program, ['ok.csv', '--json'], { cwd: folder, closeStdout: true });
    assert.equal(outcome.code, 0);
    assert.equal(outcome.stderr, '');
    assert.deepEqual(await readdir(folder), ['ok.csv.factors.npz']);
  });

  it('prints help and the version without starting anything', async () => {
    const helped = await runCommandLine(program, ['--help'], { cwd: folder, log: true });
    assert.equal(helped.code, 0);
    assert.match(helped.stdout, /^Usage: factorlens FILE/);
    assert.equal(helped.stderr, '');
    const versioned = await runCommandLine(program, ['--version'], { cwd: folder });
    assert.match(versioned.stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
