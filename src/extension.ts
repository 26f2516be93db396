import * as vscode from 'vscode';
import { createApi } from './api';
import type { FactorlensApi } from './api';
import { factorizeCommand } from './commands/factorize';
import { registerInspectorCommands } from './commands/inspector';
import { factorizeSample } from './commands/samples';
import { createLog, registerCommand } from './editor/messages';
import { act } from './inspector/actions';
import { Backups } from './inspector/backups';
import { FailureReporter } from './inspector/failures';
import { InterruptedJobs } from './inspector/interrupted';
import { anyNameViewType, InspectorProvider, inspectorViewType } from './inspector/provider';
import { RunningIndicator } from './inspector/running';
import { openSource } from './inspector/sources';
import { createPeek, createResultReader, createWorkerClient } from './worker-host';

/** Wires commands, inspector and worker together; nothing is computed before it is asked for. */
export function activate(context: vscode.ExtensionContext): FactorlensApi {
  const log = createLog('Factorlens');
  const worker = createWorkerClient(context.extensionUri, log);
  const peek = createPeek(context.extensionUri, log);
  const provider: InspectorProvider = new InspectorProvider(
    context.extensionUri,
    new InterruptedJobs(context.workspaceState),
    new Backups(vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, 'backups'), (message) =>
      log.warn(message),
    ),
    {
      runner: worker,
      openSource,
      readResult: createResultReader(context.extensionUri, log),
      log: (message) => log.warn(message),
      act: (document, action) => void act(document, action, provider, log),
    },
  );
  context.subscriptions.push(
    log,
    provider,
    new FailureReporter(provider, log),
    new RunningIndicator(provider),
    ...[inspectorViewType, anyNameViewType].map((viewType) =>
      vscode.window.registerCustomEditorProvider(viewType, provider, {
        supportsMultipleEditorsPerDocument: true,
        webviewOptions: { retainContextWhenHidden: false, enableFindWidget: true },
      }),
    ),
    registerCommand('factorlens.factorize', (clicked: unknown, selected: unknown) =>
      factorizeCommand(clicked, selected, provider, context, peek),
    ),
    registerCommand('factorlens.factorizeSample', () => factorizeSample(context, (message) => log.warn(message))),
    ...registerInspectorCommands(provider, worker, log),
    { dispose: () => void worker.dispose() },
  );
  return createApi(provider, worker);
}
