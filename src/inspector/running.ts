import * as vscode from 'vscode';
import type { InspectorProvider } from './provider';
import type { FactorizationSession } from './session';

/** A command of the status bar item alone: it names a job and so is of no use in the palette. */
export const revealRunningCommand = 'factorlens.revealRunning';

/** One short status bar item while jobs run; a click brings a running inspector to the front. */
export class RunningIndicator implements vscode.Disposable {
  private readonly running = new Set<FactorizationSession>();
  private readonly disposables: vscode.Disposable[];
  private readonly item: vscode.StatusBarItem;
  private shown = 0;

  constructor(private readonly provider: InspectorProvider) {
    this.item = vscode.window.createStatusBarItem('factorlens.running', vscode.StatusBarAlignment.Left, 0);
    this.item.name = 'Factorlens';
    this.item.command = revealRunningCommand;
    this.disposables = [
      this.item,
      provider.onDidCreateSession((session) => {
        session.on('changed', () => this.note(session));
        session.on('ended', () => this.note(session));
      }),
      vscode.commands.registerCommand(revealRunningCommand, () => this.reveal()),
    ];
  }

  dispose(): void {
    for (const disposable of this.disposables.splice(0)) disposable.dispose();
  }

  private note(session: FactorizationSession): void {
    if (session.running === this.running.has(session)) return;
    if (session.running) this.running.add(session);
    else this.running.delete(session);
    const names = [...this.running].map(({ description }) => description.name);
    const [first] = names;
    if (first === undefined) {
      this.item.hide();
      return;
    }
    this.item.text = `$(loading~spin) ${names.length === 1 ? first : `${names.length} factorizations`}`;
    this.item.tooltip = `Factorizing ${names.join(', ')}. Click to show.`;
    this.item.accessibilityInformation = { label: `Factorizing ${names.join(', ')}`, role: 'button' };
    this.item.show();
  }

  /** Clicking again shows the next one. */
  private reveal(): void {
    const sessions = [...this.running];
    const session = sessions[this.shown++ % sessions.length];
    const document = session && this.provider.documentOf(session);
    if (document) this.provider.reveal(document);
  }
}
