// The one way to what the editor shows of ours: every text goes through `messageText`, since it may hold a name or an
// error from a file. The lint rule `message-doors` keeps the rest of the host from going round it.
import * as vscode from 'vscode';
import { visible } from '../untrusted/text';
import { messageText } from './message-text';

/** @returns the button that was chosen, if any */
export function showInformation<Button extends string>(
  message: string,
  ...buttons: Button[]
): Thenable<Button | undefined> {
  return vscode.window.showInformationMessage(messageText(message), ...buttons);
}

/** @returns the button that was chosen, if any */
export function showWarning<Button extends string>(
  message: string,
  ...buttons: Button[]
): Thenable<Button | undefined> {
  return vscode.window.showWarningMessage(messageText(message), ...buttons);
}

/** @returns the button that was chosen, if any */
export function showError<Button extends string>(message: string, ...buttons: Button[]): Thenable<Button | undefined> {
  return vscode.window.showErrorMessage(messageText(message), ...buttons);
}

/** A question that must be answered before anything else. @returns undefined when the user leaves */
export function askWarning<Button extends string>(
  question: { message: string; detail?: string },
  ...buttons: Button[]
): Thenable<Button | undefined> {
  const detail = question.detail === undefined ? {} : { detail: messageText(question.detail) };
  return vscode.window.showWarningMessage(messageText(question.message), { modal: true, ...detail }, ...buttons);
}

/** Runs a task under a notification that can cancel it. */
export function withNotification<T>(title: string, task: (token: vscode.CancellationToken) => Promise<T>): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: messageText(title), cancellable: true },
    (_progress, token) => task(token),
  );
}

export function showOpenDialog(
  options: vscode.OpenDialogOptions & { title: string },
): Thenable<vscode.Uri[] | undefined> {
  return vscode.window.showOpenDialog({ ...options, title: messageText(options.title) });
}

export function showSaveDialog(
  options: vscode.SaveDialogOptions & { title: string },
): Thenable<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({ ...options, title: messageText(options.title) });
}

/** An item of the status bar. */
export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;

  constructor(id: string, name: string, command: string) {
    this.item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left, 0);
    this.item.name = name;
    this.item.command = command;
  }

  /** @param icon the name of one of the editor's icons, before the text */
  show(icon: string, text: string, tooltip: string, spoken: string): void {
    this.item.text = `$(${icon}) ${messageText(text)}`;
    this.item.tooltip = messageText(tooltip);
    this.item.accessibilityInformation = { label: messageText(spoken), role: 'button' };
    this.item.show();
  }

  hide(): void {
    this.item.hide();
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** What is used of the editor's log. */
export type Log = Record<'trace' | 'debug' | 'info' | 'warn' | 'error', (message: string) => void> & {
  show(): void;
  dispose(): void;
};

/** A log of the editor's. Its lines end where ours do; control characters in them are seen. */
export function createLog(name: string): Log {
  const channel = vscode.window.createOutputChannel(name, { log: true });
  return {
    trace: (message) => channel.trace(visible(message)),
    debug: (message) => channel.debug(visible(message)),
    info: (message) => channel.info(visible(message)),
    warn: (message) => channel.warn(visible(message)),
    error: (message) => channel.error(visible(message)),
    show: () => channel.show(false),
    dispose: () => channel.dispose(),
  };
}

/** A command of ours. What it throws is shown by the editor as a message. */
export function registerCommand<Arguments extends unknown[]>(
  command: string,
  handler: (...given: Arguments) => unknown,
): vscode.Disposable {
  return vscode.commands.registerCommand(command, (...given: Arguments) => plainErrors(async () => handler(...given)));
}

/** Runs what the editor has asked for; it shows the message of an error as it would one of its own. */
export async function plainErrors<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof vscode.CancellationError) throw error;
    const plain = messageText(error.message);
    if (plain === error.message) throw error;
    throw new Error(plain, { cause: error });
  }
}
