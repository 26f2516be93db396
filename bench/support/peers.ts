/**
 * The Python that all peers of benchmarks run in: with the best kernels that the processor has, and with a current PyTorch
 * where pip has one. What is compared with is told beside every figure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { chooseKernel, kernelsFor, type Checked } from './kernels';
import { answerOf } from './versus';

interface Report extends Checked {
  numpy: string;
  'scikit-learn': string | null;
  PyTorch: string | null;
  'PyTorch missing'?: string;
}

export interface Python {
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly report: Report;
  /** Versions, kernels, and what is to be known of them. */
  readonly told: string;
}

/** What of the environment would decide on kernels or the sizes of their blocks. */
const hindering = ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE', 'OPENBLAS_VERBOSE'];

function environmentWith(kernel: string | undefined, packages: string | undefined): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of hindering) delete environment[name];
  if (kernel !== undefined) environment['OPENBLAS_CORETYPE'] = kernel;
  if (packages !== undefined) environment['PYTHONPATH'] = packages;
  return environment;
}

/** A folder with the PyTorch that pip has and all that it needs, installed once; or why there is none. */
function currentTorch(program: string): { folder?: string; why?: string } {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'factorlens');
  const folder = join(cache, 'torch');
  if (existsSync(folder)) return { folder };
  mkdirSync(cache, { recursive: true });
  const unfinished = `${folder}.${process.pid}`;
  console.log('Installing PyTorch with pip, once …');
  const args = ['-m', 'pip', 'install', '--quiet', '--target', unfinished, 'torch'];
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 600_000 });
  if (status === 0) {
    renameSync(unfinished, folder);
    return { folder };
  }
  rmSync(unfinished, { recursive: true, force: true });
  const lines = (error?.message ?? stderr).trim().split('\n');
  return {
    why: `pip gave none: ${lines.findLast((line) => line.startsWith('ERROR'))?.slice(0, 200) ?? lines.at(-1) ?? ''}`,
  };
}

/** Asks a Python what it computes with; undefined where it has no NumPy. */
function ask(program: string, environment: NodeJS.ProcessEnv): Report | undefined {
  const { status, stdout } = spawnSync(program, ['bench/support/peer_check.py'], {
    encoding: 'utf8',
    env: environment,
  });
  return status === 0 ? (JSON.parse(stdout) as Report) : undefined;
}

let found: Python | undefined;

/**
 * The Python of the variable PYTHON, else Debian's, which has scikit-learn beside it, else the first on the PATH with NumPy.
 * @param torch whether PyTorch is compared with
 */
export function findPython({ torch = false } = {}): Python | undefined {
  if (found && (!torch || found.report.PyTorch !== null)) return found;
  const plain = environmentWith(undefined, undefined);
  const programs = [process.env['PYTHON'], '/usr/bin/python3', 'python3', 'python'];
  const program = programs.find((name) => name !== undefined && ask(name, plain) !== undefined);
  if (program === undefined) return undefined;
  const notes: string[] = [];
  let packages: string | undefined;
  if (torch) {
    const { folder, why } = currentTorch(program);
    const current = folder === undefined ? undefined : ask(program, environmentWith(undefined, folder));
    if (current && current.PyTorch !== null) packages = folder;
    else {
      const missing = current?.['PyTorch missing'] ?? 'its Python does not start';
      notes.push(`PyTorch is the one installed, if any, since ${why ?? `pip's does not load: ${missing}`}`);
    }
  }
  const cpuinfo = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const choice = chooseKernel(kernelsFor(cpuinfo), (kernel) => {
    const report = ask(program, environmentWith(kernel, packages));
    // Kernels of instructions that the processor lacks end the process.
    return report ?? { kernel: kernel ?? 'none', right: false, numpy: '', 'scikit-learn': null, PyTorch: null };
  });
  const { checked: report } = choice;
  const parts = [
    `NumPy ${report.numpy}`,
    ...(report['scikit-learn'] === null ? [] : [`scikit-learn ${report['scikit-learn']}`]),
    ...(torch ? [`PyTorch ${report.PyTorch ?? 'none'}`] : []),
    report.kernel === '' ? 'no OpenBLAS' : `OpenBLAS kernels ${report.kernel}`,
  ];
  const told = [parts.join(', '), ...notes, ...choice.notes].join('; ');
  found = { program, environment: environmentWith(choice.kernel, packages), report, told };
  return found;
}

/** What a Python script of bench/ prints, run with the best kernels; and with what. */
export function answerOfPython<T>(args: readonly (string | number)[]): { answer: T; told: string } {
  const python = findPython();
  if (!python)
    throw new Error('No Python with NumPy was found: set PYTHON, or install python3-numpy and python3-sklearn.');
  return { answer: JSON.parse(answerOf(python.program, args, python.environment)) as T, told: python.told };
}
