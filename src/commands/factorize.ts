import * as vscode from 'vscode';
import type { LongColumns, TableOptions } from '../data/dataset';
import { showError, showWarning } from '../editor/messages';
import type { InspectorDocument } from '../inspector/document';
import type { InspectorProvider } from '../inspector/provider';
import type { JobDescription } from '../inspector/session';
import { modelFrom } from '../data/description/settings';
import { baseName, exists } from '../inspector/sources';
import { chooseAnswers } from './choose';
import type { Answers } from './settings';
import { jobSettings, readingSettings } from './settings';
import { imageChoiceOf } from './images';
import { kindOf, pickTargets, targetsOf, type TargetKind } from './targets';
import { methods } from './methods';
import { parseLongColumns } from './long-columns';
import { parseRank } from './rank';

const answersKey = 'lastAnswers';
const firstAnswers: Answers = { rank: 10, method: 'plain' };

/** *Factorize…*: which files, which rank and method, then an inspector for each. */
export async function factorizeCommand(
  clicked: unknown,
  selected: unknown,
  provider: InspectorProvider,
  context: vscode.ExtensionContext,
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
  const chosen = await chooseAnswers(title, last, new Set(files.map(({ kind }) => kind)));
  if (!chosen) return [];
  // What was not asked this time is remembered from the last.
  const answers = { ...last, ...chosen };
  await context.workspaceState.update(answersKey, answers);
  await context.globalState.update(answersKey, answers);

  const documents: InspectorDocument[] = [];
  for (const { file, kind } of files) {
    const document = await startJob(file, kind, answers, provider);
    if (document) documents.push(document);
  }
  return documents;
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
      // Columns that are named for ratings are all that is read.
      const long = longColumnsOf(answers);
      return long ? { long } : readingSettings(file);
    }
    case 'image': {
      const image = imageChoiceOf(answers.image)?.options;
      return image && { image };
    }
    case 'lines':
    case 'texts':
      return undefined;
  }
}

/** The columns of a table with an entry a line; undefined for other methods, and for ordinary tables. */
function longColumnsOf({ method, long }: Answers): LongColumns | undefined {
  const answer = method === 'recommender' && long !== undefined ? parseLongColumns(long) : undefined;
  return answer && 'columns' in answer ? answer.columns : undefined;
}

/** Those of this workspace, else those of any. */
function lastAnswers(context: vscode.ExtensionContext): Answers {
  for (const memory of [context.workspaceState, context.globalState]) {
    const answers = memory.get<Partial<Answers>>(answersKey);
    const method = methods.find(({ id }) => id === answers?.method);
    const rank = parseRank(String(answers?.rank));
    if (!method || !('rank' in rank)) continue;
    const long = typeof answers?.long === 'string' ? answers.long : undefined;
    const image = imageChoiceOf(answers?.image)?.id;
    const custom = modelFrom(answers?.custom);
    return {
      rank: rank.rank,
      method: method.id,
      ...(custom && { custom }),
      ...(long !== undefined && { long }),
      ...(image && { image }),
    };
  }
  return firstAnswers;
}

function tellLeftOut(files: vscode.Uri[]): void {
  const names = files.map(baseName).join(', ');
  void showWarning(
    `Left out, since only tables (.csv, .tsv, .tab, .txt), .jsonl, images and folders of images or .txt files can be factorized: ${names}.`,
  );
}
