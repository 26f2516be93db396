import * as vscode from 'vscode';
import { encodeFactorsCsv } from '../results/csv';
import { askWarning, showInformation, showOpenDialog } from '../editor/messages';
import { fileIn, parentOf } from '../editor/places';
import type { InspectorDocument } from './document';
import { exists } from './sources';
import { checkTargets } from './targets';
import { replaceFiles } from './write';

/** The files of both factors. */
interface Targets {
  W: vscode.Uri;
  H: vscode.Uri;
}

/** Asks for a folder and writes W and H into it as two CSV files. */
export async function exportFactors(document: InspectorDocument): Promise<void> {
  const [folder] =
    (await showOpenDialog({
      title: 'Export W and H as CSV',
      openLabel: 'Export Here',
      canSelectFiles: false,
      canSelectFolders: true,
      canSelectMany: false,
      defaultUri: folderOf(document.uri),
    })) ?? [];
  if (!folder) return;
  const targets = exportTargets(document, folder);
  await checkTargets([targets.W, targets.H], document.session.description);
  const taken: string[] = [];
  for (const target of [targets.W, targets.H]) {
    if (await exists(target)) taken.push(vscode.workspace.asRelativePath(target));
  }
  if (taken.length > 0) {
    const answer = await askWarning(
      { message: `${taken.join(' and ')} exist${taken.length === 1 ? 's' : ''} already.` },
      'Replace',
    );
    if (answer !== 'Replace') return;
  }
  await write(document, targets);
  const answer = await showInformation(
    `Exported ${vscode.workspace.asRelativePath(targets.W)} and ${vscode.workspace.asRelativePath(targets.H)}.`,
    'Open W',
    'Open H',
  );
  if (answer) await vscode.commands.executeCommand('vscode.open', answer === 'Open W' ? targets.W : targets.H);
}

/** The two files that an export into a folder writes, both in it whatever the data are called. */
export function exportTargets(document: InspectorDocument, folder: vscode.Uri): Targets {
  const { name } = document.session.description;
  return { W: fileIn(folder, name, '.W.csv'), H: fileIn(folder, name, '.H.csv') };
}

/**
 * Writes the factors as they stand.
 * @throws Error when there are none yet, or a target must not be written
 */
export async function writeFactors(document: InspectorDocument, targets: Targets): Promise<void> {
  await checkTargets([targets.W, targets.H], document.session.description);
  await write(document, targets);
}

/** The same where the targets have been looked at. */
async function write(document: InspectorDocument, targets: Targets): Promise<void> {
  const factorization = await document.session.latest();
  if (!factorization) throw new Error(`There are no factors of ${document.session.description.name} to export yet.`);
  const csv = encodeFactorsCsv(factorization);
  await replaceFiles(
    [
      { uri: targets.W, bytes: csv.W },
      { uri: targets.H, bytes: csv.H },
    ],
    (message) => document.session.log(message),
  );
}

/** The folder that a document lies in, or would once saved. */
export function folderOf(uri: vscode.Uri): vscode.Uri {
  const onDisk = uri.scheme === 'untitled' ? uri.with({ scheme: 'file' }) : uri;
  return parentOf(onDisk);
}
