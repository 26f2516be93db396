import * as vscode from 'vscode';
import type { Factorization } from '../factorization/result';
import type { FactorizationSession } from './session';

/** A factorization as VS Code sees it: a document at a URI. What is alive in it is its session. */
export class InspectorDocument implements vscode.CustomDocument {
  private readonly disposeEmitter = new vscode.EventEmitter<void>();
  private readonly changeEmitter = new vscode.EventEmitter<void>();
  readonly onDidDispose = this.disposeEmitter.event;
  /** There are new factors to save. */
  readonly onDidChange = this.changeEmitter.event;

  constructor(
    readonly uri: vscode.Uri,
    readonly session: FactorizationSession,
    /** Writes factors to the document's file. */
    private readonly complete: (factorization: Factorization) => Promise<void>,
  ) {
    session.on('factors', this.onFactors);
    session.on('completed', this.onCompleted);
  }

  dispose(): void {
    this.session.off('factors', this.onFactors);
    this.session.off('completed', this.onCompleted);
    this.disposeEmitter.fire();
    this.disposeEmitter.dispose();
    this.changeEmitter.dispose();
  }

  private readonly onFactors = (): void => this.changeEmitter.fire();

  /** A file that has these factors already is completed as it is: whoever saved has nothing more to do. */
  private readonly onCompleted = ({ before, after }: { before: Factorization; after: Factorization }): void => {
    if (this.session.saved !== before) this.changeEmitter.fire();
    else void this.complete(after).catch(() => this.changeEmitter.fire());
  };
}
