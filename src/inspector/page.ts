import { pageMessageSchema, type PageMessage } from '../protocol/page-message';
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { hostBeatInterval, type HostMessage } from '../protocol/inspector';
import { Feed } from './feed';
import { valid } from '../untrusted/schema';
import type { FactorizationSession } from './session';

/** What a page asks of others than its own feed. */
type Asked = Exclude<PageMessage, { type: 'ready' | 'drawn' }>;

/** One page of an inspector. It is sent a complete snapshot when it becomes ready or visible; a hidden page is sent nothing. */
export class InspectorPage implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private ready = false;
  private readonly feed: Feed;
  private readonly beat: NodeJS.Timeout;

  constructor(
    readonly panel: vscode.WebviewPanel,
    session: FactorizationSession,
    extensionUri: vscode.Uri,
    obey: (message: Asked) => void,
    log: (message: string) => void,
  ) {
    const root = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [root], enableForms: false };
    this.disposables.push(
      webview.onDidReceiveMessage((raw: unknown) => {
        const message = valid(pageMessageSchema, raw);
        if (!message) log(`The inspector's page sent a message that is none: ${JSON.stringify(raw)}`);
        else if (message.type === 'ready') this.welcome();
        else if (message.type === 'drawn') this.feed.drawn(message.milliseconds);
        else obey(message);
      }),
      panel.onDidChangeViewState(() => this.feed.sendSnapshot()),
    );
    this.feed = new Feed(session, (message) => this.post(message));
    // A page that hears nothing for long knows by it that this host is gone.
    this.beat = setInterval(() => {
      if (session.running) this.post({ type: 'beat' });
    }, hostBeatInterval);
    webview.html = pageHtml(webview, root);
  }

  dispose(): void {
    clearInterval(this.beat);
    this.feed.dispose();
    for (const disposable of this.disposables.splice(0)) disposable.dispose();
  }

  private welcome(): void {
    this.ready = true;
    this.feed.sendSnapshot();
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
