/** Variables of the parent that would change how Node, or Electron run as Node, starts the worker. */
const foreign = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_INSPECT_|NODE_CHANNEL_|NODE_UNIQUE_ID$)/i;

/**
 * The environment a worker is started with: the parent's, without what belongs to VS Code, Electron and the
 * debugger. An inspector flag inherited through `NODE_OPTIONS` would make the worker fight the extension host
 * for its port. Under Electron the executable is told to be Node.
 */
export function workerEnvironment(parent: NodeJS.ProcessEnv, electron: boolean): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(parent)) {
    if (!foreign.test(name)) {
      environment[name] = value;
    }
  }
  if (electron) {
    environment['ELECTRON_RUN_AS_NODE'] = '1';
  }
  return environment;
}
