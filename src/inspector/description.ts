import * as vscode from 'vscode';
import { sameChoices } from '../data/read-again';
import type { Factorization, SourceIdentity } from '../factorization/factorization';
import type { JobDescription } from './session';

/**
 * How to go on with a factorization that was read from a file: the same data read the same way. One that does not
 * say where its data are is taken to lie beside them.
 * @param uri of the factorization's file
 */
export function describeJob(factorization: Factorization, uri: vscode.Uri): JobDescription {
  const { source, settings, reading, weights } = factorization;
  const folder = vscode.Uri.joinPath(uri.scheme === 'untitled' ? uri.with({ scheme: 'file' }) : uri, '..');
  const place = (file: SourceIdentity): string => file.uri ?? vscode.Uri.joinPath(folder, file.name).toString();
  const table = sameChoices(reading);
  return {
    name: source.name,
    source: place(source),
    settings,
    ...(table ? { table } : {}),
    ...(weights ? { weights: place(weights) } : {}),
  };
}
