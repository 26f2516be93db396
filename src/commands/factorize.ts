import * as vscode from 'vscode';
import type { LongColumns } from '../data/dataset';
import type { InspectorDocument } from '../inspector/document';
import type { InspectorProvider } from '../inspector/provider';
import { baseName, exists } from '../inspector/sources';
import { chooseAnswers } from './choose';
import type { Answers } from './settings';
import { jobSettings, readingSettings } from './settings';
import { isFactorizable, isTable, pickTargets, targetsOf } from './targets';
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
  const files = targets.filter(isFactorizable);
  if (files.length < targets.length) tellLeftOut(targets.filter((target) => !isFactorizable(target)));
  const [first] = files;
  if (!first) return [];

  const title = files.length === 1 ? `Factorize ${baseName(first)}` : `Factorize ${files.length} Files`;
  const answers = await chooseAnswers(title, lastAnswers(context));
  if (!answers) return [];
  await context.workspaceState.update(answersKey, answers);
  await context.globalState.update(answersKey, answers);

  const documents: InspectorDocument[] = [];
  for (const file of files) {
    const document = await startJob(file, answers, provider);
    if (document) documents.push(document);
  }
  return documents;
}

async function startJob(
  file: vscode.Uri,
  answers: Answers,
  provider: InspectorProvider,
): Promise<InspectorDocument | undefined> {
  try {
    if (!(await exists(file))) throw new Error(`${vscode.workspace.asRelativePath(file)} is not there any more.`);
    const long = longColumnsOf(answers);
    // Columns that are named for ratings are all that is read.
    const table = isTable(file) ? (long ? { long } : readingSettings(file)) : undefined;
    return await provider.commission({
      name: baseName(file),
      source: file.toString(),
      settings: jobSettings(answers, file),
      ...(table && { table }),
    });
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
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
    return { rank: rank.rank, method: method.id, ...(long !== undefined && { long }) };
  }
  return firstAnswers;
}

function tellLeftOut(files: vscode.Uri[]): void {
  const names = files.map(baseName).join(', ');
  void vscode.window.showWarningMessage(
    `Left out, since only tables (.csv, .tsv, .tab, .txt), .jsonl and images can be factorized: ${names}.`,
  );
}
