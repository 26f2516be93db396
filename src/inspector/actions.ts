import * as vscode from 'vscode';
import { addressOf } from '../editor/places';
import { showError, showOpenDialog, type Log } from '../editor/messages';
import type { InspectorDocument } from './document';
import { exportFactors } from './export';
import type { InspectorAction, InspectorProvider } from './provider';
import type { FactorizationSession } from './session';
import { baseName } from './sources';

/** Does what a button of the page, or the command of the same name, asks for. A request that fails says so. */
export async function act(
  document: InspectorDocument,
  action: InspectorAction,
  provider: InspectorProvider,
  log: Log,
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
    void showError(message);
  }
}

/**
 * Lets the user say where a file has gone.
 * @param missing its address: that of the data, or of their weights
 * @returns whether it was found
 */
export async function locateSource(session: FactorizationSession, missing: vscode.Uri): Promise<boolean> {
  const { description } = session;
  const [found] =
    (await showOpenDialog({
      title: `Locate ${baseName(missing)}`,
      openLabel: 'Use This File',
      canSelectMany: false,
    })) ?? [];
  if (!found) return false;
  const address = found.toString();
  const isWeights =
    description.weights !== undefined && addressOf(description.weights)?.toString() === missing.toString();
  session.description = { ...description, [isWeights ? 'weights' : 'source']: address };
  session.guard?.allow(address);
  return true;
}
