import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Event, MessageConnection } from 'vscode-jsonrpc/node';
import { createMessageConnection, Emitter, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { logNotification, pingRequest } from '../protocol/worker';
import type { WorkerExit } from './errors';
import { BoundedOutput } from './output';

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
}

export interface Heartbeat {
  /** Milliseconds between pings. */
  interval: number;
  /** After this many pings' time without a sign of life the worker counts as not responding. */
  maxSilentBeats: number;
}

/** How long after exit the child's last messages and output are waited for, in milliseconds. */
const drainTime = 1000;

/** Milliseconds without a first word after which a worker counts as not started: Node.js waits for ever for threads that it is refused. */
const startTimeout = 60_000;

/** One forked worker from birth to death. */
export class WorkerProcess {
  readonly connection: MessageConnection;
  /** Resolves when the process is gone and its last messages have been handled; never rejects. */
  readonly ended: Promise<WorkerExit>;
  /** False from the moment that the process can take no more requests. */
  alive = true;

  private readonly output: BoundedOutput;
  private readonly respondingEmitter = new Emitter<boolean>();
  private requestedEnd = false;
  private beat: NodeJS.Timeout | undefined;
  private silentBeats = 0;
  private heard = false;
  private spoken = false;
  private startError: Error | undefined;

  constructor(
    private readonly child: ChildProcess,
    path: string,
    private readonly heartbeat: Heartbeat,
    log: (line: LogLine) => void,
  ) {
    const name = `worker ${child.pid ?? '(not started)'}`;
    this.output = new BoundedOutput((line) => log({ level: 'info', message: `[${name}] ${line}` }));
    this.output.listen(child.stdout);
    this.output.listen(child.stderr);

    this.connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child), {
      error: (message) => log({ level: 'error', message: `[${name}] ${message}` }),
      warn: (message) => log({ level: 'warn', message: `[${name}] ${message}` }),
      info: (message) => log({ level: 'info', message: `[${name}] ${message}` }),
      log: (message) => log({ level: 'info', message: `[${name}] ${message}` }),
    });
    this.connection.onError(([error]) => {
      if (this.alive) {
        log({ level: 'warn', message: `[${name}] ${error.message}` });
      }
    });
    this.connection.onNotification(logNotification, ({ level, message }) =>
      log({ level, message: `[${name}] ${message}` }),
    );
    child.on('message', () => this.signOfLife());
    this.connection.listen();
    log({ level: 'info', message: `[${name}] started: ${path}` });

    this.ended = this.watch().then((exit) => {
      this.stopHeartbeat();
      this.connection.dispose();
      log({
        level: exit.requested || exit.exitCode === 0 ? 'info' : 'error',
        message: `[${name}] ended: ${exit.startError?.message ?? exit.signal ?? `exit code ${exit.exitCode ?? 'unknown'}`}`,
      });
      return exit;
    });
  }

  /** Fires false when the worker has given no sign of life for long, true when it speaks again. */
  get onDidChangeResponding(): Event<boolean> {
    return this.respondingEmitter.event;
  }

  /**
   * Watches over the worker while it has work. A ping that is not answered is no death: one native call may take
   * long. Beats are counted, not the clock, so a machine that wakes from sleep raises no alarm.
   */
  startHeartbeat(): void {
    if (this.beat !== undefined || !this.alive) {
      return;
    }
    this.silentBeats = 0;
    this.heard = true;
    this.beat = setInterval(() => this.onBeat(), this.heartbeat.interval);
    this.beat.unref();
  }

  stopHeartbeat(): void {
    clearInterval(this.beat);
    this.beat = undefined;
  }

  /** Asks the process to end by closing its channel; it is killed if it has not after `grace` milliseconds. */
  async end(grace: number): Promise<void> {
    this.requestedEnd = true;
    this.alive = false;
    if (this.child.connected) {
      this.child.disconnect();
    }
    const timer = setTimeout(() => this.child.kill('SIGKILL'), grace);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the process at once, even in the middle of a native call. */
  kill(): void {
    this.requestedEnd = true;
    this.alive = false;
    this.child.kill('SIGKILL');
  }

  private onBeat(): void {
    if (this.heard) {
      this.heard = false;
      this.silentBeats = 0;
      // Rejects only when the process ends, which `ended` tells.
      this.connection.sendRequest(pingRequest).catch(() => undefined);
      return;
    }
    this.silentBeats++;
    if (this.silentBeats === this.heartbeat.maxSilentBeats) {
      this.respondingEmitter.fire(false);
    }
    if (!this.spoken && this.silentBeats * this.heartbeat.interval >= startTimeout) {
      this.startError = new Error('it gave no sign of life; memory or threads may be short');
      this.child.kill('SIGKILL');
    }
  }

  private signOfLife(): void {
    this.heard = true;
    this.spoken = true;
    if (this.silentBeats >= this.heartbeat.maxSilentBeats) {
      this.silentBeats = 0;
      this.respondingEmitter.fire(true);
    }
  }

  private watch(): Promise<WorkerExit> {
    const { child } = this;
    return new Promise((resolve) => {
      const finish = (exit: Pick<WorkerExit, 'exitCode' | 'signal' | 'startError'>): void => {
        this.alive = false;
        this.output.flush();
        resolve({
          ...(this.startError && { startError: this.startError }),
          ...exit,
          requested: this.requestedEnd,
          output: this.output.tail,
        });
      };
      child.once('error', (startError) => {
        if (child.pid === undefined) {
          finish({ exitCode: null, signal: null, startError });
        }
      });
      // Output and channel may still hold what the process said last. ('close' would tell when all are drained, but
      // never comes after a disconnection from this end.)
      const drained = Promise.all([closed(child.stdout), closed(child.stderr), disconnected(child)]);
      child.once('exit', (exitCode, signal) => {
        this.alive = false;
        // So Node.js ends itself where it does not get the memory to begin with.
        if (!this.spoken && (signal === 'SIGABRT' || signal === 'SIGTRAP')) {
          this.startError ??= new Error(`${signal}; memory may be short`);
        }
        // A grandchild that holds them open must not delay the end for ever.
        const timer = setTimeout(() => finish({ exitCode, signal }), drainTime);
        void drained.then(() => {
          clearTimeout(timer);
          finish({ exitCode, signal });
        });
      });
      child.once('disconnect', () => {
        this.alive = false;
        if (!this.requestedEnd) {
          // Without its channel a worker is of no use: if it does not leave by itself, it is made to.
          setTimeout(() => child.kill('SIGKILL'), drainTime).unref();
        }
      });
    });
  }
}

function closed(stream: Readable | null): Promise<void> {
  return new Promise((resolve) => {
    if (stream === null || stream.closed) {
      resolve();
    } else {
      stream.once('close', resolve);
    }
  });
}

function disconnected(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.connected) {
      child.once('disconnect', resolve);
    } else {
      resolve();
    }
  });
}
