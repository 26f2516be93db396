import * as vscode from 'vscode';
import { pickOne } from '../editor/ask';
import { fileIn } from '../editor/places';
import { exists } from '../inspector/sources';
import { replaceFiles } from '../inspector/write';

interface Sample {
  name: string;
  detail: string;
}

/** The samples that come with the extension; `samples/README.md` tells more of them. */
export const samples: readonly Sample[] = [
  { name: 'digits.csv', detail: '1,797 handwritten digits of 8 × 8 pixels. Try NMF at rank 10.' },
  { name: 'china.jpg', detail: 'A photograph of 640 × 427 pixels. Try it in grey at rank 40.' },
  {
    name: 'mutations.tsv',
    detail: 'Mutations of 96 kinds counted in 21 cancers. Let the data choose the rank of an NMF.',
  },
  { name: 'penguins.csv', detail: 'Measurements of 344 penguins, some missing. Try rank 2.' },
  { name: 'ratings.csv', detail: 'Ratings of books, a rating a line. Try Recommender with reader,book,stars.' },
];

/** Asks for a sample, puts a copy of it where it can be written beside, and offers to factorize it. */
export async function factorizeSample(context: vscode.ExtensionContext, log: (message: string) => void): Promise<void> {
  const picked = await pickOne(
    samples.map(({ name, detail }) => ({ label: name, detail })),
    { title: 'Factorize a Sample', placeHolder: 'Data to try it on' },
  );
  if (!picked) return;
  await vscode.commands.executeCommand('factorlens.factorize', await copyOfSample(picked.label, context, log));
}

/** A copy of the sample in the extension's own storage: the extension's folder is replaced by every update. */
export async function copyOfSample(
  name: string,
  { extensionUri, globalStorageUri }: Pick<vscode.ExtensionContext, 'extensionUri' | 'globalStorageUri'>,
  log: (message: string) => void,
): Promise<vscode.Uri> {
  const copy = fileIn(vscode.Uri.joinPath(globalStorageUri, 'samples'), name);
  if (!(await exists(copy))) {
    const bytes = await vscode.workspace.fs.readFile(fileIn(vscode.Uri.joinPath(extensionUri, 'samples'), name));
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(copy, '..'));
    // Half a copy would be taken for a whole one ever after.
    await replaceFiles([{ uri: copy, bytes }], log);
  }
  return copy;
}
