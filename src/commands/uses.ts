import * as vscode from 'vscode';
import {
  showError,
  showInformation,
  showOpenDialog,
  showSaveDialog,
  showWarning,
  withNotification,
  type Log,
} from '../editor/messages';
import { fileIn, parentOf } from '../editor/places';
import { locateSource } from '../inspector/actions';
import type { InspectorDocument } from '../inspector/document';
import { folderOf } from '../inspector/export';
import { baseName, SourceMissingError } from '../inspector/sources';
import { factorsToUse, fillIn, isWhole, nothingMissing, transformRows, type UseRunner } from '../inspector/uses';
import { JobCancelledError } from '../worker/errors';
import { fileFilters } from './targets';

/** A written file, and what to tell of it. */
interface Written {
  target: vscode.Uri;
  message: string;
  warnings: string[];
}

/** *Fill In Missing Entries…*: where to, then the data with nothing missing. */
export async function fillInCommand(document: InspectorDocument, runner: UseRunner): Promise<Written | undefined> {
  const { session } = document;
  const factorization = factorsToUse(session);
  if (isWhole(factorization)) {
    void showInformation(nothingMissing(factorization));
    return undefined;
  }
  const { name } = session.description;
  const target = await askTarget('Fill In Missing Entries', fileIn(folderOf(document.uri), name, '.filled.csv'));
  if (!target) return undefined;
  const { filled, empty, warnings } = await withNotification(`Filling in what is missing in ${name}`, (token) =>
    fillIn(session, target, runner, token),
  );
  const entries = filled === 1 ? '1 missing entry' : `${filled} missing entries`;
  const left = empty > 0 ? `, and left ${empty} empty` : '';
  return { target, message: `Filled in ${entries} of ${name}${left}`, warnings };
}

/** *Transform New Rows…*: which rows, where to, then their W. */
export async function transformCommand(document: InspectorDocument, runner: UseRunner): Promise<Written | undefined> {
  const { session } = document;
  const { name } = session.description;
  const folder = folderOf(document.uri);
  factorsToUse(session);
  const [rows] =
    (await showOpenDialog({
      title: `New Rows with the Columns of ${name}`,
      openLabel: 'Transform',
      canSelectMany: false,
      defaultUri: folder,
      filters: fileFilters,
    })) ?? [];
  if (!rows) return undefined;
  const target = await askTarget(`W of ${baseName(rows)}`, fileIn(parentOf(rows), baseName(rows), '.W.csv'));
  if (!target) return undefined;
  const done = await withNotification(`Transforming ${baseName(rows)}`, (token) =>
    transformRows(session, rows, target, runner, token),
  );
  return {
    target,
    message: `Transformed ${done.rows === 1 ? '1 row' : `${done.rows} rows`} of ${baseName(rows)}`,
    warnings: done.warnings,
  };
}

/** Runs one of the two and tells how it ended; data that are gone can be looked for. */
export async function tellUse(
  document: InspectorDocument,
  command: (document: InspectorDocument) => Promise<Written | undefined>,
  log: Log,
): Promise<void> {
  try {
    const written = await command(document);
    if (written) await offerToOpen(written);
  } catch (error) {
    if (error instanceof JobCancelledError) return;
    const message = error instanceof Error ? error.message : String(error);
    log.error(`${document.session.description.name}: ${message}`);
    if (!(error instanceof SourceMissingError)) {
      void showError(message);
      return;
    }
    const answer = await showError(message, 'Locate File…');
    if (answer && (await locateSource(document.session, error.uri))) await tellUse(document, command, log);
  }
}

async function offerToOpen({ target, message, warnings }: Written): Promise<void> {
  const text = [`${message}; wrote ${vscode.workspace.asRelativePath(target)}.`, ...warnings].join(' ');
  const show = warnings.length > 0 ? showWarning : showInformation;
  if (await show(text, 'Open')) await vscode.commands.executeCommand('vscode.open', target);
}

/** A file to write to, `.csv` unless the name says otherwise. */
async function askTarget(title: string, suggested: vscode.Uri): Promise<vscode.Uri | undefined> {
  return showSaveDialog({
    title,
    defaultUri: suggested,
    filters: { 'Comma-separated values': ['csv'] },
  });
}
