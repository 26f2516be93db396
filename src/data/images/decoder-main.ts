// The thread that decodes images: one at a time, each answered before the next is sent.
import { parentPort } from 'node:worker_threads';
import { DataError } from '../dataset';
import type { DecoderAnswer } from './decoder';
import { decodeWithVips, type DecoderRequest } from './vips';

async function answer(request: DecoderRequest): Promise<DecoderAnswer> {
  try {
    return { pixels: await decodeWithVips(request) };
  } catch (error) {
    return error instanceof DataError
      ? { refused: error.message }
      : { fault: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (request: DecoderRequest) => {
  void answer(request).then((reply) => {
    const samples = 'pixels' in reply ? reply.pixels.samples.buffer : undefined;
    parentPort?.postMessage(reply, samples instanceof ArrayBuffer ? [samples] : []);
  });
});
