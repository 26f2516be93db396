import * as vscode from 'vscode';
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
  ) {
    session.on('factors', this.onFactors);
  }

  dispose(): void {
    this.session.off('factors', this.onFactors);
    this.disposeEmitter.fire();
    this.disposeEmitter.dispose();
    this.changeEmitter.dispose();
  }

  private readonly onFactors = (): void => this.changeEmitter.fire();
}
