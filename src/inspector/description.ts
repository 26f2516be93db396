import * as vscode from 'vscode';
import { sameChoices } from '../data/read-again';
import type { Factorization } from '../factorization/factorization';
import type { JobDescription } from './session';

/**
 * How to go on with a factorization that was read from a file: the same data read the same way. One that does not
 * say where its data are is taken to lie beside them.
 * @param uri of the factorization's file
 */
export function describeJob(factorization: Factorization, uri: vscode.Uri): JobDescription {
  const { source, settings, reading } = factorization;
  const beside = vscode.Uri.joinPath(uri.scheme === 'untitled' ? uri.with({ scheme: 'file' }) : uri, '..', source.name);
  const table = sameChoices(reading);
  return { name: source.name, source: source.uri ?? beside.toString(), settings, ...(table ? { table } : {}) };
}
