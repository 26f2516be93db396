import * as vscode from 'vscode';
import type { Source } from './data/dataset';
import { showWarning, type Log } from './editor/messages';
import type { Factorization } from './factorization/result';
import { baseName } from './inspector/sources';
import { WorkerClient } from './worker/client';
import type { Peek } from './data/peek';
import type { PeekParams } from './protocol/worker';
import { peekInto, readResult } from './worker/read-result';

/** The one worker of this window: it starts with the first job, and what it says goes to the log. */
export function createWorkerClient(extensionUri: vscode.Uri, log: Log): WorkerClient {
  const worker = new WorkerClient({ workerPath: vscode.Uri.joinPath(extensionUri, 'dist', 'worker.js').fsPath });
  worker.onLog(({ level, message }) => log[level](message));
  worker.onDidChangeResponding((responding) => {
    log.warn(responding ? 'The computing process answers again.' : 'The computing process has long not answered.');
    if (!responding) void offerToEnd(worker);
  });
  return worker;
}

async function offerToEnd(worker: WorkerClient): Promise<void> {
  const end = 'End It';
  const answer = await showWarning(
    'The computing process has not answered for half a minute. It may be deep in a long step; ending it loses what came after the last checkpoint.',
    'Wait',
    end,
  );
  if (answer === end) worker.kill();
}

/** Looks at the beginnings of files, each in such a process as well. */
export function createPeek(extensionUri: vscode.Uri, log: Log): (params: PeekParams) => Promise<Peek | undefined> {
  const readerPath = vscode.Uri.joinPath(extensionUri, 'dist', 'result-reader.js').fsPath;
  return (params) => peekInto(params, { readerPath, onLog: ({ level, message }) => log[level](message) });
}

/** Reads saved results, each in a process of its own that ends afterwards. */
export function createResultReader(
  extensionUri: vscode.Uri,
  log: Log,
): (file: vscode.Uri, name?: string) => Promise<Factorization> {
  const readerPath = vscode.Uri.joinPath(extensionUri, 'dist', 'result-reader.js').fsPath;
  return async (file, name = baseName(file)) => {
    const source: Source =
      file.scheme === 'file'
        ? { kind: 'path', path: file.fsPath }
        : { kind: 'bytes', name, uri: file.toString(), bytes: await vscode.workspace.fs.readFile(file) };
    return readResult({ source, name }, { readerPath, onLog: ({ level, message }) => log[level](message) });
  };
}
