import type * as vscode from 'vscode';
import { showError, type Log } from '../editor/messages';
import { WorkerCrashedError } from '../worker/errors';
import { locateSource } from './actions';
import type { InspectorProvider } from './provider';
import type { FactorizationSession } from './session';
import { SourceMissingError } from './sources';

/**
 * Tells of jobs that failed. The inspector shows the message as well, so a notification comes only where the
 * inspector is out of sight or where there is something to choose.
 */
export class FailureReporter implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly provider: InspectorProvider,
    private readonly log: Log,
  ) {
    this.subscription = provider.onDidCreateSession((session) => {
      session.on('ended', (outcome) => {
        if (outcome.kind === 'failed') this.report(session, outcome.error);
      });
    });
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private report(session: FactorizationSession, error: Error): void {
    if (error instanceof WorkerCrashedError) {
      void this.reportCrash(session, error);
    } else if (error instanceof SourceMissingError) {
      void this.offerToLocate(session, error);
    } else {
      const document = this.provider.documentOf(session);
      if (!document || !this.provider.isVisible(document)) void this.offerToShow(session, error);
    }
  }

  private async reportCrash(session: FactorizationSession, error: WorkerCrashedError): Promise<void> {
    const { name } = session.description;
    const answer = await showError(`${name}: ${error.message}`, 'Start Again', 'Show Log');
    if (answer === 'Show Log') this.log.show();
    if (answer === 'Start Again') await session.retry();
  }

  private async offerToLocate(session: FactorizationSession, error: SourceMissingError): Promise<void> {
    const answer = await showError(error.message, 'Locate File…');
    if (answer && (await locateSource(session, error.uri))) await session.retry();
  }

  private async offerToShow(session: FactorizationSession, error: Error): Promise<void> {
    const answer = await showError(error.message, 'Show');
    const document = answer && this.provider.documentOf(session);
    if (document) this.provider.reveal(document);
  }
}
