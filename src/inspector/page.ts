import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { hostBeatInterval, type HostMessage, type InspectorProgress, type PageMessage } from '../protocol/inspector';
import { parsePageMessage } from './messages';
import type { FactorizationSession } from './session';
import { mergeIncrements } from './state';

/** Least milliseconds between two increments to one page: faster than the eye follows, slower than it costs. */
const incrementPause = 100;

/**
 * One page of an inspector. It is sent a complete snapshot when it becomes ready or visible and whenever the
 * state as a whole changes, and thrifty increments in between; a hidden page is sent nothing.
 */
export class InspectorPage implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private ready = false;
  private waiting: InspectorProgress | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly beat: NodeJS.Timeout;

  constructor(
    readonly panel: vscode.WebviewPanel,
    private readonly session: FactorizationSession,
    extensionUri: vscode.Uri,
    obey: (message: Exclude<PageMessage, { type: 'ready' }>) => void,
    log: (message: string) => void,
  ) {
    const root = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [root], enableForms: false };
    this.disposables.push(
      webview.onDidReceiveMessage((raw: unknown) => {
        const message = parsePageMessage(raw);
        if (!message) log(`The inspector's page sent a message that is none: ${JSON.stringify(raw)}`);
        else if (message.type === 'ready') this.welcome();
        else obey(message);
      }),
      panel.onDidChangeViewState(() => this.sendSnapshot()),
    );
    session.on('changed', this.sendSnapshot);
    session.on('progress', this.onProgress);
    // A page that hears nothing for long knows by it that this host is gone.
    this.beat = setInterval(() => {
      if (session.running) this.post({ type: 'beat' });
    }, hostBeatInterval);
    webview.html = pageHtml(webview, root);
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearInterval(this.beat);
    this.session.off('changed', this.sendSnapshot);
    this.session.off('progress', this.onProgress);
    for (const disposable of this.disposables.splice(0)) disposable.dispose();
  }

  private welcome(): void {
    this.ready = true;
    this.sendSnapshot();
  }

  private readonly sendSnapshot = (): void => {
    // A snapshot holds every point there is: what waits would come twice.
    this.waiting = undefined;
    this.post({ type: 'snapshot', state: this.session.state });
  };

  private readonly onProgress = (progress: InspectorProgress): void => {
    if (this.waiting) {
      const merged = mergeIncrements(this.waiting, progress);
      if (!merged) this.flush();
      this.waiting = merged ?? progress;
    } else {
      this.waiting = progress;
    }
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, incrementPause);
  };

  private flush(): void {
    if (!this.waiting) return;
    const progress = this.waiting;
    this.waiting = undefined;
    this.post({ type: 'progress', progress });
  }

  private post(message: HostMessage): void {
    if (this.ready && this.panel.visible) void this.panel.webview.postMessage(message);
  }
}

function pageHtml(webview: vscode.Webview, root: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(root, 'inspector.js'));
  const style = webview.asWebviewUri(vscode.Uri.joinPath(root, 'inspector.css'));
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1.0">
  <link rel="stylesheet" href="${style.toString()}" id="vscode-codicon-stylesheet">
  <title>Factorlens</title>
</head>
<body>
  <div id="inspector"></div>
  <script nonce="${nonce}" src="${script.toString()}"></script>
</body>
</html>`;
}
