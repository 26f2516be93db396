import * as vscode from 'vscode';
import { imageChoices, type ImageChoiceId } from './images';
import { methods } from './methods';
import type { MethodId } from './methods';
import { parseLongColumns } from './long-columns';
import { parseRank, type RankAnswer } from './rank';
import type { Answers } from './settings';
import type { TargetKind } from './targets';

/**
 * Asks for rank, then method, of images how they are read, and of a recommender's tables how ratings are laid out,
 * starting from the answers given last.
 * @returns undefined when the user leaves.
 */
export async function chooseAnswers(
  title: string,
  last: Answers,
  kinds: ReadonlySet<TargetKind>,
): Promise<Answers | undefined> {
  let { rank, method } = last;
  const totalSteps = kinds.has('image') ? 3 : 2;
  for (;;) {
    const chosenRank = await askRank(title, totalSteps, rank);
    if (chosenRank === undefined) return undefined;
    rank = chosenRank;
    const chosenMethod = await askMethod(`${title}, Rank ${rank}`, totalSteps, method);
    if (chosenMethod === undefined) return undefined;
    if (chosenMethod === 'back') continue;
    method = chosenMethod;
    const image = kinds.has('image') ? await askImage(`${title}, Rank ${rank}`, totalSteps, last.image) : undefined;
    if (image === undefined && kinds.has('image')) return undefined;
    if (image === 'back') continue;
    if (method !== 'recommender' || !kinds.has('table')) return { rank, method, ...(image && { image }) };
    const long = await askLongColumns(title, last.long ?? '');
    if (long !== undefined) return { rank, method, long, ...(image && { image }) };
  }
}

function askRank(title: string, totalSteps: number, last: RankAnswer): Promise<RankAnswer | undefined> {
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

function askMethod(title: string, totalSteps: number, last: MethodId): Promise<MethodId | 'back' | undefined> {
  const items = methods.map(({ id, label, description, detail }) => ({ id, label, description, detail }));
  return askOne({ title, step: 2, totalSteps, placeholder: 'Method: what is minimised', items, last });
}

function askImage(
  title: string,
  totalSteps: number,
  last: ImageChoiceId = 'gray',
): Promise<ImageChoiceId | 'back' | undefined> {
  const items = imageChoices.map(({ id, label, detail }) => ({ id, label, detail }));
  return askOne({ title, step: 3, totalSteps, placeholder: 'Read as: how images become a matrix', items, last });
}

interface Choice<Id extends string> {
  title: string;
  step: number;
  totalSteps: number;
  placeholder: string;
  items: readonly (vscode.QuickPickItem & { id: Id })[];
  last: Id;
}

/** @returns undefined when the user leaves */
function askOne<Id extends string>(choice: Choice<Id>): Promise<Id | 'back' | undefined> {
  const { title, step, totalSteps, placeholder, items, last } = choice;
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { id: Id }>();
  pick.title = title;
  pick.step = step;
  pick.totalSteps = totalSteps;
  pick.placeholder = placeholder;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.buttons = [vscode.QuickInputButtons.Back];
  pick.items = items;
  pick.activeItems = pick.items.filter(({ id }) => id === last);
  return new Promise((resolve) => {
    pick.onDidTriggerButton(() => {
      resolve('back');
      pick.hide();
    });
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (!chosen) return;
      resolve(chosen.id);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
