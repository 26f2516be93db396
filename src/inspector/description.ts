import * as vscode from 'vscode';
import type { TableOptions } from '../data/dataset';
import type { Factorization, ReadReport } from '../factorization/factorization';
import type { JobDescription } from './session';

/**
 * How to go on with a factorization that was read from a file: the same data read the same way. One that does not
 * say where its data are is taken to lie beside them.
 * @param uri of the factorization's file
 */
export function describeJob(factorization: Factorization, uri: vscode.Uri): JobDescription {
  const { source, settings, reading } = factorization;
  const beside = vscode.Uri.joinPath(uri.scheme === 'untitled' ? uri.with({ scheme: 'file' }) : uri, '..', source.name);
  const table = tableOptions(reading);
  return { name: source.name, source: source.uri ?? beside.toString(), settings, ...(table ? { table } : {}) };
}

/** Which columns had been taken; nothing need be said where the reader took all by itself. */
function tableOptions(reading: ReadReport): TableOptions | undefined {
  if (reading.kind !== 'table' || reading.leftOut.length === 0) return undefined;
  return { columns: reading.features, ...(reading.label === undefined ? {} : { label: reading.label }) };
}
