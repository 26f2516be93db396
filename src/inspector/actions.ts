import * as vscode from 'vscode';
import type { InspectorDocument } from './document';
import { exportFactors } from './export';
import type { InspectorAction, InspectorProvider } from './provider';
import type { FactorizationSession } from './session';

/** Does what a button of the page, or the command of the same name, asks for. A request that fails says so. */
export async function act(
  document: InspectorDocument,
  action: InspectorAction,
  provider: InspectorProvider,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const { session } = document;
  try {
    switch (action) {
      case 'stop':
        session.stop();
        return;
      case 'continue':
        if (session.state.can.continue) await session.continue();
        return;
      case 'retry':
        if (session.state.can.retry) await session.retry();
        return;
      case 'export':
        await exportFactors(document);
        return;
      case 'save':
        provider.reveal(document);
        await vscode.commands.executeCommand('workbench.action.files.save');
        return;
      case 'show-log':
        log.show();
        return;
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error(`${action}: ${message}`);
    void vscode.window.showErrorMessage(message);
  }
}

/** Lets the user say where a file has gone. @returns whether it was found */
export async function locateSource(session: FactorizationSession): Promise<boolean> {
  const { description } = session;
  const [found] =
    (await vscode.window.showOpenDialog({
      title: `Locate ${description.name}`,
      openLabel: 'Use This File',
      canSelectMany: false,
    })) ?? [];
  if (!found) return false;
  session.description = { ...description, source: found.toString() };
  return true;
}
