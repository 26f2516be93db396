import type { Model } from '../factorization/model';
import { askLine, askOne, askText } from '../editor/ask';
import { chooseModel } from './choose-model';
import { firstCustomModel } from './custom-model';
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
  let { rank, method, custom } = last;
  const totalSteps = kinds.has('image') ? 3 : 2;
  for (;;) {
    const answer = await askRank(title, totalSteps, rank);
    if (typeof answer !== 'object') return undefined;
    rank = answer.rank;
    const ranked = `${title}, Rank ${rank}`;
    const chosen = await askMethod(ranked, totalSteps, method, custom);
    if (chosen === undefined) return undefined;
    if (chosen === 'back') continue;
    ({ method, custom } = chosen);
    const image = kinds.has('image') ? await askImage(ranked, totalSteps, last.image) : undefined;
    if (image === undefined && kinds.has('image')) return undefined;
    if (image === 'back') continue;
    const answers = { rank, method, ...(custom && { custom }), ...(image && { image }) };
    if (method !== 'recommender' || !kinds.has('table')) return answers;
    const long = await askLongColumns(title, last.long ?? '');
    if (long !== undefined) return { ...answers, long };
  }
}

function askRank(
  title: string,
  totalSteps: number,
  last: RankAnswer,
): Promise<{ rank: RankAnswer } | 'back' | undefined> {
  return askText({
    title,
    step: 1,
    totalSteps,
    first: true,
    value: String(last),
    prompt:
      'Rank: how many components to find, at most the smaller side of the table or image; auto lets the data choose',
    parse: parseRank,
  });
}

/** @returns undefined to go back */
function askLongColumns(title: string, last: string): Promise<string | undefined> {
  const problemOf = (text: string): string | undefined => {
    const answer = parseLongColumns(text);
    return 'problem' in answer ? answer.problem : undefined;
  };
  return Promise.resolve(
    askLine({
      title,
      value: last,
      placeHolder: 'user,item,rating',
      prompt:
        'The columns of row, column and value where each line is one rating; nothing for a table with a row a user. Escape goes back.',
      ignoreFocusOut: true,
      problemOf,
    }),
  );
}

/** A method, and of one's own its model. */
async function askMethod(
  title: string,
  totalSteps: number,
  last: MethodId,
  lastCustom: Model | undefined,
): Promise<{ method: MethodId; custom?: Model | undefined } | 'back' | undefined> {
  const items = methods.map(({ id, label, description, detail }) => ({ id, label, description, detail }));
  let method: MethodId | 'back' | undefined = last;
  for (;;) {
    method = await askOne({
      title,
      step: 2,
      totalSteps,
      placeholder: 'Method: what is minimised',
      items,
      last: method,
    });
    if (method === undefined || method === 'back') return method;
    if (method !== 'custom') return { method, custom: lastCustom };
    const custom = await chooseModel({ title, step: 2, totalSteps }, lastCustom ?? firstCustomModel);
    if (custom === undefined) return undefined;
    if (custom !== 'back') return { method, custom };
  }
}

function askImage(
  title: string,
  totalSteps: number,
  last: ImageChoiceId = 'gray',
): Promise<ImageChoiceId | 'back' | undefined> {
  const items = imageChoices.map(({ id, label, detail }) => ({ id, label, detail }));
  return askOne({ title, step: 3, totalSteps, placeholder: 'Read as: how images become a matrix', items, last });
}
