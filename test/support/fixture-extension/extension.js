// The smallest extension that has what the editor harness handles: a command in two menus that asks with quick picks
// and answers with a notification, and a custom editor whose page talks with its host.
const { basename } = require('node:path');
const vscode = require('vscode');

/** @param {vscode.ExtensionContext} context */
exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand('harnessFixture.pick', async () => {
      const letter = await vscode.window.showQuickPick(['alpha', 'beta'], { title: 'Letter' });
      if (letter === undefined) return;
      const number = await vscode.window.showInputBox({ title: 'Number' });
      const answer = await vscode.window.showInformationMessage(`Picked ${letter} ${number}`, 'Thank You');
      if (answer !== undefined) await vscode.window.showInformationMessage('Thanked');
    }),
    vscode.window.registerCustomEditorProvider('harnessFixture.view', {
      openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
      resolveCustomEditor: (document, panel) => {
        panel.webview.options = { enableScripts: true };
        panel.webview.onDidReceiveMessage((message) =>
          panel.webview.postMessage(`${message} ${basename(document.uri.path)}`),
        );
        panel.webview.html = page;
      },
    }),
  );
};

const page = `<!doctype html>
<html>
  <body>
    <h1>waiting</h1>
    <script>
      addEventListener('message', ({ data }) => {
        document.querySelector('h1').textContent = data;
      });
      acquireVsCodeApi().postMessage('Hello from');
    </script>
  </body>
</html>`;
