import type { PageMessage } from '../protocol/page-message';
import * as vscode from 'vscode';
import { encodeFactorization } from '../results/npz';
import { plainErrors, showError } from '../editor/messages';
import { withBound } from '../model/bounds';
import type { Factorization } from '../factorization/result';
import { factorsExtension } from '../protocol/naming';
import type { Backups } from './backups';
import { describeJob } from './description';
import { InspectorDocument } from './document';
import { ResultGuard } from './guard';
import type { InterruptedJobs } from './interrupted';
import { JobCancelledError } from '../worker/errors';
import { untitledUri } from './names';
import { reopenAs } from './other-name';
import { InspectorPage } from './page';
import type { JobDescription, SessionServices, SourceGuard } from './session';
import { FactorizationSession } from './session';
import { baseName, isThere } from './sources';
import { filesRead, refuseToReplace } from './targets';
import { replaceFiles } from './write';

export const inspectorViewType = 'factorlens.inspector';
/** The same inspector for results under other names, which it opens only when it is asked to. */
export const anyNameViewType = 'factorlens.inspector.npz';

/** Milliseconds that a session waits for the document that *Save As* opens in place of the old one. */
const handOverTimeout = 30_000;

export type InspectorAction = Exclude<PageMessage, { type: 'ready' | 'page-error' | 'take-advice' | 'drawn' }>['type'];

export interface ProviderServices extends SessionServices {
  /** Does what a button of the page, or a command, asks for. */
  act(document: InspectorDocument, action: InspectorAction): void;
  /**
   * Reads a saved result, away from the extension host.
   * @param name of the document, for messages; that of the file where absent
   */
  readResult(file: vscode.Uri, name?: string): Promise<Factorization>;
}

/**
 * The custom editor of factorizations. A job opens an untitled document, so that the editor's own Save, Save As,
 * dirty mark, confirmation on closing and hot exit work on it as on any file.
 */
export class InspectorProvider implements vscode.CustomEditorProvider<InspectorDocument>, vscode.Disposable {
  private readonly documents = new Map<string, InspectorDocument>();
  private readonly pages = new Map<InspectorDocument, Set<InspectorPage>>();
  /** Sessions of jobs just asked for, waiting for VS Code to open their document. */
  private readonly commissioned = new Map<string, FactorizationSession>();
  /** Sessions of documents just saved elsewhere, waiting for the document that takes their place. */
  private readonly handedOver = new Map<string, FactorizationSession>();
  private readonly changeEmitter = new vscode.EventEmitter<
    vscode.CustomDocumentContentChangeEvent<InspectorDocument>
  >();
  private readonly activeEmitter = new vscode.EventEmitter<void>();
  private readonly sessionEmitter = new vscode.EventEmitter<FactorizationSession>();
  private activePage: InspectorPage | undefined;

  readonly onDidChangeCustomDocument = this.changeEmitter.event;
  /** Another inspector, or none, is the active editor. */
  readonly onDidChangeActive = this.activeEmitter.event;
  /** A session has come to life; its own events tell the rest. */
  readonly onDidCreateSession = this.sessionEmitter.event;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly interrupted: InterruptedJobs,
    private readonly backups: Backups,
    private readonly services: ProviderServices,
  ) {}

  dispose(): void {
    this.interrupted.freeze();
    for (const session of this.liveSessions()) session.cancel();
    this.changeEmitter.dispose();
    this.activeEmitter.dispose();
    this.sessionEmitter.dispose();
  }

  /** Documents that are open, whether or not an editor shows them now. */
  get open(): readonly InspectorDocument[] {
    return [...this.documents.values()];
  }

  /** The document of the active editor. */
  get active(): InspectorDocument | undefined {
    const page = this.activePage;
    return page && this.open.find((document) => this.pages.get(document)?.has(page));
  }

  isVisible(document: InspectorDocument): boolean {
    return [...(this.pages.get(document) ?? [])].some((page) => page.panel.visible);
  }

  /** Brings an inspector of the document to the front. */
  reveal(document: InspectorDocument): void {
    const [page] = this.pages.get(document) ?? [];
    page?.panel.reveal();
  }

  documentOf(session: FactorizationSession): InspectorDocument | undefined {
    return this.open.find((document) => document.session === session);
  }

  /** Opens an inspector for a job and starts it. */
  async commission(description: JobDescription): Promise<InspectorDocument> {
    const source = vscode.Uri.parse(description.source, true);
    const uri = await untitledUri(
      source,
      (candidate) => this.documents.has(candidate.toString()) || this.commissioned.has(candidate.toString()),
    );
    const key = uri.toString();
    const { settings } = description;
    // As the worker will bound it, so that what is shown from the beginning is what is minimised.
    const bounded = { ...description, settings: { ...settings, model: withBound(settings.model) } };
    const session = this.createSession(bounded, undefined);
    this.commissioned.set(key, session);
    // What an earlier document of this name left behind is not this one's.
    await this.backups.forget(uri);
    try {
      await vscode.commands.executeCommand('vscode.openWith', uri, inspectorViewType, { preview: false });
    } finally {
      this.commissioned.delete(key);
    }
    const document = this.documents.get(key);
    if (!document) throw new Error(`VS Code did not open an inspector for ${description.name}.`);
    void session.run();
    return document;
  }

  async openCustomDocument(uri: vscode.Uri, context: vscode.CustomDocumentOpenContext): Promise<InspectorDocument> {
    const session = await plainErrors(() => this.sessionFor(uri, context.backupId));
    const document = new InspectorDocument(uri, session, (factorization) =>
      this.writeFile(uri, session, factorization),
    );
    const key = uri.toString();
    this.documents.set(key, document);
    // Not before the document is known: the one that it replaces may be disposed of in the meantime.
    this.handedOver.delete(key);
    document.onDidChange(() => this.changeEmitter.fire({ document }));
    const track = (): void => void this.interrupted.track(uri, session);
    session.on('changed', track);
    track();
    document.onDidDispose(() => {
      session.off('changed', track);
      if (this.documents.get(key) === document) this.documents.delete(key);
      this.pages.delete(document);
      this.release(session);
      void this.interrupted.forget(uri);
      void this.backups.forget(uri);
    });
    return document;
  }

  resolveCustomEditor(document: InspectorDocument, panel: vscode.WebviewPanel): void {
    const page = new InspectorPage(
      panel,
      document.session,
      this.extensionUri,
      (message) => {
        if (message.type === 'page-error') this.services.log(`Fault in the inspector's page: ${message.message}`);
        else if (message.type === 'take-advice') void this.takeAdvice(document, message.index);
        else this.services.act(document, message.type);
      },
      (message) => this.services.log(message),
    );
    const pages = this.pages.get(document) ?? new Set<InspectorPage>();
    this.pages.set(document, pages.add(page));
    const noteActive = (): void => {
      if (panel.active) this.activePage = page;
      else if (this.activePage === page) this.activePage = undefined;
      this.activeEmitter.fire();
    };
    panel.onDidChangeViewState(noteActive);
    panel.onDidDispose(() => {
      pages.delete(page);
      page.dispose();
      if (this.activePage === page) this.activePage = undefined;
      this.activeEmitter.fire();
    });
    noteActive();
  }

  /** Reads the data as an advice says, in an inspector of their own. */
  private async takeAdvice({ session }: InspectorDocument, index: number): Promise<void> {
    const description = session.adviceAt(index);
    if (!description) return;
    try {
      // What a result says of its data is not yet the user's word.
      await session.guard?.check(description.source);
      await this.commission(description);
    } catch (error) {
      if (error instanceof JobCancelledError) return;
      void showError(error instanceof Error ? error.message : String(error));
    }
  }

  async saveCustomDocument(document: InspectorDocument): Promise<void> {
    await plainErrors(() => this.write(document, document.uri));
    document.session.markSaved(true);
    await this.backups.forget(document.uri);
  }

  async saveCustomDocumentAs(document: InspectorDocument, destination: vscode.Uri): Promise<void> {
    await plainErrors(() => this.saveAs(document, destination));
  }

  async revertCustomDocument(document: InspectorDocument): Promise<void> {
    // An untitled document has nothing on disk to go back to; VS Code asks this before it closes one unsaved.
    if (document.uri.scheme === 'untitled') return;
    await document.session.restore(await plainErrors(() => this.services.readResult(document.uri)));
  }

  async backupCustomDocument(document: InspectorDocument): Promise<vscode.CustomDocumentBackup> {
    const factorization = await plainErrors(() => this.latest(document));
    // It may have been closed while its job was asked for the latest factors: what was given up must not come back.
    if (this.documents.get(document.uri.toString()) !== document) throw new vscode.CancellationError();
    const backup = await plainErrors(() => this.backups.write(document.uri, encodeFactorization(factorization)));
    await this.interrupted.kept(document.uri, document.session);
    return backup;
  }

  private async saveAs(document: InspectorDocument, destination: vscode.Uri): Promise<void> {
    const key = destination.toString();
    // Over another open inspector of this name goes below; under another name it would go unnoticed.
    const others = this.open.filter(({ uri }) => uri.toString() !== key && uri.toString() !== document.uri.toString());
    const factorization = await plainErrors(async () => {
      await refuseToReplace(
        [destination],
        [
          ...this.open.flatMap(({ session }) => filesRead(session.description)),
          ...others.map(({ uri }) => ({ uri, what: 'is open in an inspector under another name' })),
        ],
      );
      return this.write(document, destination);
    });
    const present = this.documents.get(key);
    if (present && present !== document) {
      await present.session.restore(factorization);
      return;
    }
    document.session.markSaved(true);
    // VS Code now opens a document at the destination in place of this one: a running job moves with it.
    this.handedOver.set(key, document.session);
    if (!destination.path.endsWith(factorsExtension)) void reopenAs(destination, anyNameViewType);
    setTimeout(() => {
      if (this.handedOver.get(key) !== document.session) return;
      this.handedOver.delete(key);
      this.release(document.session);
    }, handOverTimeout);
  }

  private async write(document: InspectorDocument, destination: vscode.Uri): Promise<Factorization> {
    const factorization = await this.latest(document);
    await this.writeFile(destination, document.session, factorization);
    await this.interrupted.kept(document.uri, document.session);
    return factorization;
  }

  private async writeFile(
    destination: vscode.Uri,
    session: FactorizationSession,
    factorization: Factorization,
  ): Promise<void> {
    await replaceFiles([{ uri: destination, bytes: encodeFactorization(factorization) }], (message) =>
      this.services.log(message),
    );
    session.saved = factorization;
  }

  private async latest(document: InspectorDocument): Promise<Factorization> {
    const factorization = await document.session.latest();
    if (factorization) return factorization;
    throw new Error(
      `There are no factors of ${document.session.description.name} yet. Save once its objective is being drawn.`,
    );
  }

  private async sessionFor(uri: vscode.Uri, backupId: string | undefined): Promise<FactorizationSession> {
    const key = uri.toString();
    const alive = this.commissioned.get(key) ?? this.handedOver.get(key);
    if (alive) return alive;
    const job = this.interrupted.of(uri);
    const untitled = uri.scheme === 'untitled';
    const backup = untitled || backupId !== undefined ? await this.backups.find(uri) : undefined;
    if (backup || !untitled) {
      const factorization = await this.services.readResult(backup ?? uri, baseName(uri));
      const session = this.createSession(describeJob(factorization, uri), factorization, new ResultGuard(uri));
      if (backup) session.markSaved(false);
      if (factorization.advice && (await isThere(session.description.source))) session.offerAdvice();
      if (job) session.interrupted('The editor was reloaded while this was running. Continue goes on from here.');
      return session;
    }
    if (!job) {
      throw new Error(`The factors of ${baseName(uri)} were never saved. Choose Factorize… on the data again.`);
    }
    const session = this.createSession(job, undefined);
    session.fail('The editor was reloaded before its factors were kept. Retry starts again.');
    return session;
  }

  private createSession(
    description: JobDescription,
    factorization: Factorization | undefined,
    guard?: SourceGuard,
  ): FactorizationSession {
    const session = new FactorizationSession(description, factorization, this.services, guard);
    this.sessionEmitter.fire(session);
    return session;
  }

  /** Gives a session's job up unless a document still shows it or is about to. */
  private release(session: FactorizationSession): void {
    if (![...this.liveSessions()].includes(session)) session.cancel();
  }

  private *liveSessions(): Iterable<FactorizationSession> {
    for (const document of this.documents.values()) yield document.session;
    yield* this.commissioned.values();
    yield* this.handedOver.values();
  }
}
