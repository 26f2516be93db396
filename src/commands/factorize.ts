import { longColumnsSchema } from '../data/reading-report';
import * as vscode from 'vscode';
import type { TableOptions } from '../data/dataset';
import type { Peek } from '../data/peek';
import type { PeekParams } from '../protocol/worker';
import { showError, showWarning } from '../editor/messages';
import type { InspectorDocument } from '../inspector/document';
import type { InspectorProvider } from '../inspector/provider';
import type { JobDescription } from '../inspector/session';
import { modelSchema } from '../model/model';
import { run } from '../model/run';
import { valid } from '../untrusted/schema';
import { baseName, exists, openSource } from '../inspector/sources';
import { chooseAnswers } from './choose';
import { commonPeek } from './common-peek';
import type { Answers } from './settings';
import { jobSettings, readingSettings, textSettings } from './settings';
import { encodingOf } from './encoding';
import { imageChoiceOf } from './images';
import { kindOf, pickTargets, targetsOf, type TargetKind } from './targets';
import { methods } from './methods';
import { parseRank } from './rank';

/** Looks at the beginning of a file, away from the extension host. */
export type PeekInto = (params: PeekParams) => Promise<Peek | undefined>;

const answersKey = 'lastAnswers';
const firstAnswers: Answers = { rank: run.rank.default, method: 'plain' };

/** Looking at more files than this would keep a person waiting before the first question. */
const maxPeeks = 12;

/** *Factorize…*: which files, which rank and method, then an inspector for each. */
export async function factorizeCommand(
  clicked: unknown,
  selected: unknown,
  provider: InspectorProvider,
  context: vscode.ExtensionContext,
  peek: PeekInto,
): Promise<InspectorDocument[]> {
  let targets = targetsOf(clicked, selected);
  if (targets.length === 0) targets = await pickTargets();
  const files: { file: vscode.Uri; kind: TargetKind }[] = [];
  const leftOut: vscode.Uri[] = [];
  for (const file of targets) {
    const kind = await kindOf(file);
    if (kind) files.push({ file, kind });
    else leftOut.push(file);
  }
  if (leftOut.length > 0) tellLeftOut(leftOut);
  const [first] = files;
  if (!first) return [];

  const title = files.length === 1 ? `Factorize ${baseName(first.file)}` : `Factorize ${files.length} Files`;
  const last = lastAnswers(context);
  const peeks = await peeksAt(files, peek);
  const chosen = await chooseAnswers(title, last, {
    kinds: new Set(files.map(({ kind }) => kind)),
    peek: files.length === 1 ? peeks[0] : undefined,
    common: commonPeek(peeks),
    first: last === firstAnswers,
  });
  if (!chosen) return [];
  const { text, textMethod, long, ...others } = chosen;
  // What was not asked this time is remembered from the last; the method for text does not take the place of the others'.
  const kept = {
    ...last,
    ...others,
    ...(textMethod && { textMethod, method: last.method }),
    ...(others.method === 'recommender' && { long }),
  };
  await context.workspaceState.update(answersKey, kept);
  await context.globalState.update(answersKey, kept);
  const answers = { ...last, ...others, ...(text && { text }), ...(others.method === 'recommender' && { long }) };

  const documents: InspectorDocument[] = [];
  for (const { file, kind } of files) {
    const document = await startJob(file, kind, answers, provider);
    if (document) documents.push(document);
  }
  return documents;
}

/** Looks at the beginnings of files that are tables or lines; at none where another is among them, or they are many. */
async function peeksAt(
  files: readonly { file: vscode.Uri; kind: TargetKind }[],
  peek: PeekInto,
): Promise<(Peek | undefined)[]> {
  if (files.length > maxPeeks || files.some(({ kind }) => kind !== 'table' && kind !== 'lines')) return [];
  const peeks: (Peek | undefined)[] = [];
  for (const { file } of files) peeks.push(await peekAt(file, peek));
  return peeks;
}

/** Looks at the beginning of a file; what cannot be looked at says why when its job starts. */
async function peekAt(file: vscode.Uri, peek: PeekInto): Promise<Peek | undefined> {
  if (!(await exists(file))) return undefined;
  const table = readingSettings(file);
  return await peek({ source: await openSource(file.toString()), ...(table && { table }) });
}

async function startJob(
  file: vscode.Uri,
  kind: TargetKind,
  answers: Answers,
  provider: InspectorProvider,
): Promise<InspectorDocument | undefined> {
  try {
    if (!(await exists(file))) throw new Error(`${vscode.workspace.asRelativePath(file)} is not there any more.`);
    return await provider.commission(jobOf(file, kind, answers));
  } catch (error) {
    void showError(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** The job that the answers ask for. */
export function jobOf(file: vscode.Uri, kind: TargetKind, answers: Answers): JobDescription {
  const table = readingOf(file, kind, answers);
  return {
    name: baseName(file),
    source: file.toString(),
    settings: jobSettings(answers, file, table?.image?.as),
    ...(table && { table }),
  };
}

function readingOf(file: vscode.Uri, kind: TargetKind, answers: Answers): TableOptions | undefined {
  switch (kind) {
    case 'table': {
      const layout = readingSettings(file);
      const { text, method, long } = answers;
      if (text) return { ...layout, text: { ...text, ...textSettings(file) } };
      // Columns that are named for ratings are all that is read.
      return method === 'recommender' && long ? { ...layout, long } : layout;
    }
    case 'image': {
      const image = imageChoiceOf(answers.image)?.options;
      return image && { image };
    }
    case 'lines': {
      const encoding = encodingOf(file);
      return {
        ...(encoding !== undefined && { encoding }),
        text: { ...answers.text, ...textSettings(file) },
      };
    }
    case 'texts':
      return { text: textSettings(file) };
  }
}

/** Those of this workspace, else those of any. */
function lastAnswers(context: vscode.ExtensionContext): Answers {
  for (const memory of [context.workspaceState, context.globalState]) {
    const answers = memory.get<Partial<Record<keyof Answers, unknown>>>(answersKey);
    const method = methods.find(({ id }) => id === answers?.method);
    const rank = parseRank(String(answers?.rank));
    if (!method || !('rank' in rank)) continue;
    const long = valid(longColumnsSchema, answers?.long);
    const textMethod = methods.find(({ id }) => id === answers?.textMethod)?.id;
    const image = imageChoiceOf(answers?.image)?.id;
    const custom = valid(modelSchema(), answers?.custom);
    return {
      rank: rank.rank,
      method: method.id,
      ...(custom && { custom }),
      ...(textMethod && { textMethod }),
      ...(long && { long }),
      ...(image && { image }),
    };
  }
  return firstAnswers;
}

function tellLeftOut(files: vscode.Uri[]): void {
  const names = files.map(baseName).join(', ');
  void showWarning(
    `Left out, since only tables (.csv, .tsv, .tab, .txt, each also as .gz), matrices (.npy, .mtx), .jsonl, images and folders of images or .txt files can be factorized: ${names}.`,
  );
}
