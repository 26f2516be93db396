import * as vscode from 'vscode';
import { messageText } from './message-text';

/** One question of the picker's several: a choice from a list. */
export interface Choice<Id extends string> {
  title: string;
  step: number;
  totalSteps: number;
  placeholder: string;
  items: readonly (vscode.QuickPickItem & { id: Id })[];
  last: Id;
  /** Whether a button leads back to the question before; there is one unless told otherwise. */
  first?: boolean;
}

/** @returns undefined when the user leaves */
export function askOne<Id extends string>(choice: Choice<Id>): Promise<Id | 'back' | undefined> {
  const { title, step, totalSteps, placeholder, items, last, first } = choice;
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { id: Id }>();
  pick.title = messageText(title);
  pick.step = step;
  pick.totalSteps = totalSteps;
  pick.placeholder = messageText(placeholder);
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  if (!first) pick.buttons = [vscode.QuickInputButtons.Back];
  pick.items = items.map(plain);
  pick.activeItems = pick.items.filter(({ id, kind }) => id === last && kind !== vscode.QuickPickItemKind.Separator);
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

/** One question whose answer is typed. */
export interface Question<Answer extends object> {
  title: string;
  step: number;
  totalSteps: number;
  value: string;
  prompt: string;
  /** The answer that a text gives, or what is wrong with it. */
  parse(text: string): Answer | { problem: string };
  /** Whether a button leads back to the question before; there is one unless told otherwise. */
  first?: boolean;
  /** What is wrong with the text that is there, told at once. */
  problem?: string;
  /** What should be known of an answer that can be given all the same. */
  warn?(answer: Answer): string | undefined;
}

/** @returns undefined when the user leaves */
export function askText<Answer extends object>(question: Question<Answer>): Promise<Answer | 'back' | undefined> {
  const { title, step, totalSteps, value, prompt, parse, first, problem, warn } = question;
  const box = vscode.window.createInputBox();
  box.title = messageText(title);
  box.step = step;
  box.totalSteps = totalSteps;
  box.value = value;
  box.valueSelection = [0, value.length];
  box.prompt = messageText(prompt);
  if (!first) box.buttons = [vscode.QuickInputButtons.Back];
  const judge = (text: string): void => {
    const answer = parse(text);
    if ('problem' in answer) {
      box.validationMessage = messageText(answer.problem);
      return;
    }
    const warning = warn?.(answer);
    box.validationMessage =
      warning === undefined
        ? undefined
        : { message: messageText(warning), severity: vscode.InputBoxValidationSeverity.Warning };
  };
  if (problem === undefined) judge(value);
  else box.validationMessage = messageText(problem);
  return new Promise((resolve) => {
    box.onDidChangeValue(judge);
    box.onDidTriggerButton(() => {
      resolve('back');
      box.hide();
    });
    box.onDidAccept(() => {
      const answer = parse(box.value);
      if ('problem' in answer) {
        box.validationMessage = messageText(answer.problem);
        return;
      }
      resolve(answer);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

/** One question of one line, without steps. @returns undefined when the user leaves */
export function askLine(
  question: vscode.InputBoxOptions & { problemOf: (text: string) => string | undefined },
): Thenable<string | undefined> {
  const { title, prompt, placeHolder, problemOf, ...rest } = question;
  return vscode.window.showInputBox({
    ...rest,
    ...(title !== undefined && { title: messageText(title) }),
    ...(prompt !== undefined && { prompt: messageText(prompt) }),
    ...(placeHolder !== undefined && { placeHolder: messageText(placeHolder) }),
    validateInput: (text) => {
      const problem = problemOf(text);
      return problem === undefined ? problem : messageText(problem);
    },
  });
}

/** A choice from a list, without steps. @returns undefined when the user leaves */
export function pickOne<Item extends vscode.QuickPickItem>(
  items: readonly Item[],
  { title, placeHolder }: { title: string; placeHolder: string },
): Thenable<Item | undefined> {
  return vscode.window.showQuickPick(items.map(plain), {
    title: messageText(title),
    placeHolder: messageText(placeHolder),
  });
}

function plain<Item extends vscode.QuickPickItem>(item: Item): Item {
  return {
    ...item,
    label: messageText(item.label),
    ...(item.description !== undefined && { description: messageText(item.description) }),
    ...(item.detail !== undefined && { detail: messageText(item.detail) }),
  };
}
