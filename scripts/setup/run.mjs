// Running other programs from the scripts. Everything that set-up says goes to stderr: stdout belongs to the command
// that is being set up (`npm start --silent -- FILE --json` must print one JSON object and nothing else).
import { spawn, spawnSync } from 'node:child_process';

/** @param {string} message */
export function say(message) {
  process.stderr.write(`${message}\n`);
}

/**
 * Runs a program to its end; its output goes to stderr, or where `output` says.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, output?: 'stdout' | 'stderr' | number }} [options] a number is that
 *   of a file which is open for writing
 * @returns {Promise<number>} the exit code; a program ended by a signal or past its time counts as 1
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', ...outputs(options.output)],
      // npm and other launchers are .cmd files on Windows, which only a shell can start.
      shell: process.platform === 'win32' && command.endsWith('.cmd'),
    });
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            say(`${command} ${args.join(' ')}: still running after ${options.timeoutMs} ms, stopped.`);
            child.kill('SIGKILL');
          }, options.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}

/**
 * @param {'stdout' | 'stderr' | number} [output]
 * @returns {[stdout: number, stderr: number]} a file takes both, so that messages stand where they arose
 */
function outputs(output) {
  if (typeof output === 'number') return [output, output];
  return [output === 'stdout' ? 1 : 2, 2];
}

/**
 * Whether a program runs and exits with 0; nothing is printed.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
