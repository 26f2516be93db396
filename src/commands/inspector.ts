import * as vscode from 'vscode';
import { act } from '../inspector/actions';
import type { InspectorAction, InspectorProvider } from '../inspector/provider';
import type { FactorizationSession } from '../inspector/session';

/** Commands that act on the inspector in the active editor, and what the page's buttons do too. */
const actions: Record<string, InspectorAction> = {
  'factorlens.stop': 'stop',
  'factorlens.continue': 'continue',
  'factorlens.retry': 'retry',
  'factorlens.exportCsv': 'export',
};

/** Registers them, and keeps the context keys that say which of them do something now. */
export function registerInspectorCommands(
  provider: InspectorProvider,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  let told: FactorizationSession['state']['can'] | undefined;
  const tell = (): void => {
    const can = provider.active?.session.state.can;
    for (const button of ['stop', 'continue', 'retry', 'export'] as const) {
      if (can?.[button] === told?.[button]) continue;
      void vscode.commands.executeCommand('setContext', `factorlens.can.${button}`, can?.[button] ?? false);
    }
    told = can;
  };
  return [
    provider.onDidChangeActive(tell),
    provider.onDidCreateSession((session) => {
      session.on('changed', () => {
        if (session === provider.active?.session) tell();
      });
    }),
    ...Object.entries(actions).map(([command, action]) =>
      vscode.commands.registerCommand(command, async () => {
        if (provider.active) await act(provider.active, action, provider, log);
      }),
    ),
    vscode.commands.registerCommand('factorlens.showLog', () => log.show()),
  ];
}
