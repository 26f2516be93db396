import { createMessageConnection, IPCMessageReader, IPCMessageWriter, ResponseError } from 'vscode-jsonrpc/node';
import { DataError } from '../data/dataset';
import { decodeFactorization } from '../results/npz';
import { peekAt } from '../data/peek';
import { readFactorsFile } from '../results/read-factors';
import { peekRequest, readResultRequest, workerErrorCodes } from '../protocol/worker';

// The process that reads one result, or looks at the beginning of a file. It knows nothing of the engine, so that it starts in no time.
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal reaches the whole process group. What it means is its parent's to decide.
process.on('SIGINT', () => undefined);

connection.onRequest(peekRequest, async ({ source, table }) => {
  try {
    return (await peekAt(source, table)) ?? null;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return new ResponseError(workerErrorCodes.data, error.message);
  }
});
connection.onRequest(readResultRequest, ({ source, name }) => {
  try {
    return source.kind === 'path' ? readFactorsFile(source.path, name) : decodeFactorization(source.bytes, name);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return new ResponseError(workerErrorCodes.data, error.message);
  }
});
connection.listen();
