import type * as vscode from 'vscode';
import type { FactorizationSession, JobDescription } from './session';

/**
 * Which documents have a job whose last factors are not kept yet, in the workspace's memory: after a reload of the
 * window it tells an inspector that its job was cut off, and what the job was even if there were no factors to back up.
 */
export class InterruptedJobs {
  private static readonly key = 'runningJobs';
  /** Jobs of the window before this one. */
  private readonly before: Record<string, JobDescription>;
  private readonly present: Record<string, JobDescription> = {};
  private frozen = false;

  constructor(private readonly memory: vscode.Memento) {
    this.before = { ...memory.get<Record<string, JobDescription>>(InterruptedJobs.key, {}) };
  }

  /** What ran in this document when the window went away, or had ended without its factors being kept. */
  of(uri: vscode.Uri): JobDescription | undefined {
    return this.before[uri.toString()];
  }

  /** Notes the document's job when it runs. */
  async track(uri: vscode.Uri, session: FactorizationSession): Promise<void> {
    const key = uri.toString();
    if (!session.running || key in this.present) return;
    delete this.before[key];
    this.present[key] = session.description;
    await this.store();
  }

  /** Factors of the document were saved or backed up: a job that has ended is safe. */
  async kept(uri: vscode.Uri, session: FactorizationSession): Promise<void> {
    if (!session.running) await this.forget(uri);
  }

  async forget(uri: vscode.Uri): Promise<void> {
    const key = uri.toString();
    if (!(key in this.before) && !(key in this.present)) return;
    delete this.before[key];
    delete this.present[key];
    await this.store();
  }

  /** From now on nothing is noted: jobs that end because the window goes away are to be remembered as running. */
  freeze(): void {
    this.frozen = true;
  }

  private async store(): Promise<void> {
    if (this.frozen) return;
    await this.memory.update(InterruptedJobs.key, { ...this.before, ...this.present });
  }
}
