import { fork } from 'node:child_process';
import { firstLine } from '../engine';
import { DeviceAbsentError, tryOut, type TrialRequest, type TrialResult } from './trial';

/** What the process that tries a device sends. */
export type TrialAnswer = { readonly result: TrialResult } | { readonly error: string; readonly absent: boolean };

let script: string | undefined;

/**
 * Names the file whose process tries devices: a graphics driver that aborts takes its process with it, so that must not
 * be the one that computes. Without one, devices are tried where the engine runs.
 */
export function tryDevicesIn(file: string | undefined): void {
  script = file;
}

/** Most of a process's error output that is kept, in characters. */
const outputKept = 2000;

/** Takes a few steps of a program on a device. @throws Error where the device does not work, in one line */
export function trial(request: TrialRequest, timeoutSeconds: number): Promise<TrialResult> {
  if (script === undefined) return tryOut(request);
  const child = fork(script, [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let output = '';
  child.stderr?.on('data', (data: Buffer) => {
    output = (output + data.toString()).slice(-outputKept);
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`no answer within ${timeoutSeconds} s`));
    }, timeoutSeconds * 1000);
    child.once('message', (answer: TrialAnswer) => {
      clearTimeout(timer);
      // What is wanted is known; how the driver unloads is its own affair.
      child.kill('SIGKILL');
      if ('result' in answer) resolve(answer.result);
      else reject(answer.absent ? new DeviceAbsentError(answer.error) : new Error(answer.error));
    });
    child.once('error', (error) => reject(error));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(
        new DeviceAbsentError(
          `its driver ended the process (${signal ?? `exit code ${code ?? 'unknown'}`})${lastLine(output)}`,
        ),
      );
    });
    child.send(request, (error) => {
      // The end of a process that takes no message is told by its exit.
      if (error) output += firstLine(error);
    });
  });
}

function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line}`;
}
