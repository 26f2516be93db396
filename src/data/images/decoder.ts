import { Worker } from 'node:worker_threads';
import { DataError } from '../dataset';
import type { Decoded, DecoderRequest } from './vips';

/** What the decoder's thread answers; it is sent one request at a time. `refused` is the message of a DataError; `fault` is what went wrong in the decoder itself. */
export type DecoderAnswer = { pixels: Decoded } | { refused: string } | { fault: string };

/** The script of the thread, and how long it may be silent over one image. */
interface DecoderPlace {
  script: string;
  timeoutMs: number;
}

/** Some hundred times what the largest image takes. */
const defaultTimeout = 300_000;

/**
 * Files that a thread refuses before it is replaced. libvips forgets some memory over each damaged file, and after thousands of
 * them writes where it must not.
 */
const maxRefused = 200;

/** A thread without work gives its memory back after this time: an instance of libvips in WebAssembly holds 60 MB and more. */
const idleMs = 10_000;

/** Samples of a picture after which the thread's memory, which is several times as much, is given back at once. */
const largeBytes = 100_000_000;

let place: DecoderPlace | undefined;

/**
 * Names the file whose thread decodes images. The decoder runs threads of its own, whose faults no caller can catch, and its
 * memory is given back only with its thread.
 */
export function decodeImagesIn(script: string, timeoutMs = defaultTimeout): void {
  thread?.end();
  thread = undefined;
  place = { script, timeoutMs };
}

let thread: DecoderThread | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Decodes an image in the decoder's thread, one after another.
 * @throws DataError when the file cannot be read, or when the decoder fails over it twice: first where it may have been left
 * faulty by another file, then anew
 */
export function decodeApart(request: DecoderRequest): Promise<Decoded> {
  const result = last.then(() => decodeNow(request));
  last = result.catch(() => undefined);
  return result;
}

async function decodeNow(request: DecoderRequest): Promise<Decoded> {
  if (place === undefined) {
    throw new Error('Before images are decoded, decodeImagesIn must be told where.');
  }
  let fault = '';
  for (let attempt = 0; attempt < 2; attempt++) {
    if (attempt > 0 || thread?.usable !== true) {
      thread?.end();
      thread = new DecoderThread(place);
    }
    const answer = await thread.ask(request);
    if ('pixels' in answer) return answer.pixels;
    if ('refused' in answer) throw new DataError(answer.refused);
    fault = answer.fault;
    // A thread that was new has nothing of other files about it.
    if (thread.asked === 1) break;
  }
  thread?.end();
  throw new DataError(`${request.name}: the image decoder failed (${fault}); save the image anew as PNG.`);
}

/** One thread and the instance of libvips in it. It keeps the process alive only while it is asked. */
class DecoderThread {
  asked = 0;
  usable = true;
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  #refused = 0;
  #idle: NodeJS.Timeout | undefined;
  #settle: ((answer: DecoderAnswer) => void) | undefined;

  constructor({ script, timeoutMs }: DecoderPlace) {
    this.#timeoutMs = timeoutMs;
    this.#worker = new Worker(script);
    this.#worker.unref();
    this.#worker.on('message', (answer: DecoderAnswer) => this.#settle?.(answer));
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (code) => this.#fail(`its thread ended with exit code ${code}`));
  }

  ask(request: DecoderRequest): Promise<DecoderAnswer> {
    clearTimeout(this.#idle);
    this.asked++;
    this.#worker.ref();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#fail(`it gave no answer within ${this.#timeoutMs / 1000} s`);
      }, this.#timeoutMs);
      this.#settle = (answer) => {
        this.#settle = undefined;
        clearTimeout(timer);
        this.#rest(answer);
        resolve(answer);
      };
      this.#worker.postMessage(request);
    });
  }

  end(): void {
    this.usable = false;
    clearTimeout(this.#idle);
    void this.#worker.terminate();
  }

  #rest(answer: DecoderAnswer): void {
    this.#worker.unref();
    if ('refused' in answer) this.#refused++;
    if ('fault' in answer || this.#refused >= maxRefused) {
      this.usable = false;
    } else if ('pixels' in answer && answer.pixels.samples.byteLength > largeBytes) {
      this.end();
    } else {
      this.#idle = setTimeout(() => this.end(), idleMs).unref();
    }
  }

  /** The thread is of no more use; whoever waits for it is told. */
  #fail(fault: string): void {
    this.usable = false;
    this.#settle?.({ fault });
  }
}
