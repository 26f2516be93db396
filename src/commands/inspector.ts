import * as vscode from 'vscode';
import { registerCommand, type Log } from '../editor/messages';
import { act } from '../inspector/actions';
import type { InspectorAction, InspectorProvider } from '../inspector/provider';
import type { FactorizationSession } from '../inspector/session';
import type { UseRunner } from '../inspector/uses';
import { fillInCommand, tellUse, transformCommand } from './uses';

/** Commands that act on the inspector in the active editor, and what the page's buttons do too. */
const actions: Record<string, InspectorAction> = {
  'factorlens.stop': 'stop',
  'factorlens.continue': 'continue',
  'factorlens.retry': 'retry',
  'factorlens.exportCsv': 'export',
};

/** Commands that put the result of the inspector in the active editor to use. */
const uses = { 'factorlens.fillIn': fillInCommand, 'factorlens.transform': transformCommand };

const keys = ['stop', 'continue', 'retry', 'export', 'use'] as const;

/** What can be done with a session now; a result can be put to use while no job is about to change it. */
function possible(session: FactorizationSession): Record<(typeof keys)[number], boolean> {
  return { ...session.state.can, use: !session.running && session.factorization !== undefined };
}

/** Registers them, and keeps the context keys that say which of them do something now. */
export function registerInspectorCommands(
  provider: InspectorProvider,
  runner: UseRunner,
  log: Log,
): vscode.Disposable[] {
  let announced: ReturnType<typeof possible> | undefined;
  const tell = (): void => {
    const can = provider.active && possible(provider.active.session);
    for (const key of keys) {
      if (can?.[key] === announced?.[key]) continue;
      void vscode.commands.executeCommand('setContext', `factorlens.can.${key}`, can?.[key] ?? false);
    }
    announced = can;
  };
  return [
    provider.onDidChangeActive(tell),
    provider.onDidCreateSession((session) => {
      session.on('changed', () => {
        if (session === provider.active?.session) tell();
      });
    }),
    ...Object.entries(actions).map(([command, action]) =>
      registerCommand(command, async () => {
        if (provider.active) await act(provider.active, action, provider, log);
      }),
    ),
    ...Object.entries(uses).map(([name, command]) =>
      registerCommand(name, async () => {
        if (provider.active) await tellUse(provider.active, (document) => command(document, runner), log);
      }),
    ),
    registerCommand('factorlens.showLog', () => log.show()),
  ];
}
