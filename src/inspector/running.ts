import type * as vscode from 'vscode';
import { registerCommand, StatusItem } from '../editor/messages';
import type { InspectorProvider } from './provider';
import type { FactorizationSession } from './session';

/** A command of the status bar item alone: it names a job and so is of no use in the palette. */
export const revealRunningCommand = 'factorlens.revealRunning';

/** One short status bar item while jobs run; a click brings a running inspector to the front. */
export class RunningIndicator implements vscode.Disposable {
  private readonly running = new Set<FactorizationSession>();
  private readonly disposables: vscode.Disposable[];
  private readonly item = new StatusItem('factorlens.running', 'Factorlens', revealRunningCommand);
  private shown = 0;

  constructor(private readonly provider: InspectorProvider) {
    this.disposables = [
      this.item,
      provider.onDidCreateSession((session) => {
        session.on('changed', () => this.note(session));
        session.on('ended', () => this.note(session));
      }),
      registerCommand(revealRunningCommand, () => this.reveal()),
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
    const spoken = `Factorizing ${names.join(', ')}`;
    const text = names.length === 1 ? first : `${names.length} factorizations`;
    this.item.show('loading~spin', text, `${spoken}. Click to show.`, spoken);
  }

  /** Clicking again shows the next one. */
  private reveal(): void {
    const sessions = [...this.running];
    const session = sessions[this.shown++ % sessions.length];
    const document = session && this.provider.documentOf(session);
    if (document) this.provider.reveal(document);
  }
}
