import type { SourceIdentity } from '../data/reading-report';
import type * as vscode from 'vscode';
import { sameChoices } from '../data/read-again';
import { addressOf, placeIn } from '../editor/places';
import type { Factorization } from '../factorization/result';
import { folderOf } from './export';
import type { JobDescription } from './session';

/**
 * How to go on with a factorization that was read from a file: the same data read the same way. One that does not
 * say where its data are is taken to lie beside them.
 * @param uri of the factorization's file
 */
export function describeJob(factorization: Factorization, uri: vscode.Uri): JobDescription {
  const { source, settings, reading, weights } = factorization;
  const folder = folderOf(uri);
  const place = ({ name, uri: address }: SourceIdentity): string =>
    // One that is no address is kept, to be told when it is to be opened.
    address === undefined ? placeIn(folder, name).toString() : (addressOf(address)?.toString() ?? address);
  const table = sameChoices(reading);
  return {
    name: source.name,
    source: place(source),
    settings,
    ...(table ? { table } : {}),
    ...(weights ? { weights: place(weights) } : {}),
  };
}
