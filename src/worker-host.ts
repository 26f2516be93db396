import * as vscode from 'vscode';
import { showWarning, type Log } from './editor/messages';
import { WorkerClient } from './worker/client';

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
