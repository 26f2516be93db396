import * as vscode from 'vscode';
import { methods } from './methods';
import type { MethodId } from './methods';
import { parseLongColumns } from './long-columns';
import { parseRank, type RankAnswer } from './rank';
import type { Answers } from './settings';

const totalSteps = 2;

/**
 * Asks for rank, then method, and of a recommender how ratings are laid out, starting from the answers given last.
 * @returns undefined when the user leaves.
 */
export async function chooseAnswers(title: string, last: Answers): Promise<Answers | undefined> {
  let rank = last.rank;
  for (;;) {
    const chosenRank = await askRank(title, rank);
    if (chosenRank === undefined) return undefined;
    rank = chosenRank;
    const method = await askMethod(title, rank, last.method);
    if (method === undefined) return undefined;
    if (method === 'back') continue;
    if (method !== 'recommender') return { rank, method };
    const long = await askLongColumns(title, last.long ?? '');
    if (long !== undefined) return { rank, method, long };
  }
}

function askRank(title: string, last: RankAnswer): Promise<RankAnswer | undefined> {
  const box = vscode.window.createInputBox();
  box.title = title;
  box.step = 1;
  box.totalSteps = totalSteps;
  box.value = String(last);
  box.valueSelection = [0, box.value.length];
  box.prompt =
    'Rank: how many components to find, at most the smaller side of the table or image; auto lets the data choose';
  return new Promise((resolve) => {
    box.onDidChangeValue((text) => {
      const answer = parseRank(text);
      box.validationMessage = 'problem' in answer ? answer.problem : undefined;
    });
    box.onDidAccept(() => {
      const answer = parseRank(box.value);
      if ('problem' in answer) {
        box.validationMessage = answer.problem;
        return;
      }
      resolve(answer.rank);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

/** @returns undefined to go back */
function askLongColumns(title: string, last: string): Promise<string | undefined> {
  const problemOf = (text: string): string | undefined => {
    const answer = parseLongColumns(text);
    return 'problem' in answer ? answer.problem : undefined;
  };
  return Promise.resolve(
    vscode.window.showInputBox({
      title,
      value: last,
      placeHolder: 'user,item,rating',
      prompt:
        'The columns of row, column and value where each line is one rating; nothing for a table with a row a user. Escape goes back.',
      ignoreFocusOut: true,
      validateInput: problemOf,
    }),
  );
}

function askMethod(title: string, rank: RankAnswer, last: MethodId): Promise<MethodId | 'back' | undefined> {
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { method: MethodId }>();
  pick.title = `${title}, Rank ${rank}`;
  pick.step = 2;
  pick.totalSteps = totalSteps;
  pick.placeholder = 'Method: what is minimised';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.buttons = [vscode.QuickInputButtons.Back];
  pick.items = methods.map(({ id, label, description, detail }) => ({ method: id, label, description, detail }));
  pick.activeItems = pick.items.filter(({ method }) => method === last);
  return new Promise((resolve) => {
    pick.onDidTriggerButton(() => {
      resolve('back');
      pick.hide();
    });
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (!chosen) return;
      resolve(chosen.method);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
