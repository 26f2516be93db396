import type { TextOptions, LongColumns } from '../data/reading-report';
import type { Model } from '../model/model';
import { askLine, askOne, askText } from '../editor/ask';
import type { Peek } from '../data/peek';
import { askColumns } from './ask-columns';
import { chooseModel } from './choose-model';
import { firstCustomModel } from './custom-model';
import { imageChoices, type ImageChoiceId } from './images';
import { methods } from './methods';
import type { MethodId } from './methods';
import { longText, parseLongColumns } from './long-columns';
import { parseRank, suggestedRank, type RankAnswer } from './rank';
import { rankLimit, readingChoices } from './reading';
import type { Answers } from './settings';
import type { TargetKind } from './targets';

/** What is known of the files that the questions are about. */
export interface Asked {
  kinds: ReadonlySet<TargetKind>;
  /** What the beginning of the only file says; undefined for several files, and where it says nothing. */
  peek: Peek | undefined;
  /** What the beginnings of all files have in common, of one as of several; undefined where that is nothing. */
  common: Peek | undefined;
  /** Nothing was answered before: what is suggested is ours. */
  first: boolean;
}

/** The method that text is for. */
const textMethod: MethodId = 'topics';

/**
 * Asks how the file is read where that is in question, for rank, then method, of images how they are read, and of a
 * recommender's tables how ratings are laid out, starting from the answers given last.
 * @returns undefined when the user leaves.
 */
export async function chooseAnswers(
  title: string,
  last: Answers,
  { kinds, peek, common, first }: Asked,
): Promise<Answers | undefined> {
  let rank: RankAnswer | undefined;
  let { method, custom } = last;
  const readings = readingChoices(peek);
  // A field alone of JSON lines is taken; that a table is read as text is seen.
  const before = readings.length > 1 || (readings.length === 1 && peek?.kind === 'table') ? 1 : 0;
  const totalSteps = before + (kinds.has('image') ? 3 : 2);
  let text: TextOptions | undefined = readings[0]?.text;
  let problem: string | undefined;
  let reading = readings[0]?.id ?? '';
  for (let asked = before === 0; ;) {
    if (!asked) {
      const chosen = await askOne({
        title,
        step: 1,
        totalSteps,
        placeholder: 'Read as: numbers, or text as a matrix of documents and words',
        items: readings.map(({ id, label, detail }) => ({ id, label, detail })),
        last: reading,
        first: true,
      });
      if (chosen === undefined || chosen === 'back') return undefined;
      reading = chosen;
      text = readings.find(({ id }) => id === chosen)?.text;
      asked = true;
    }
    const ofText = text !== undefined || kinds.has('lines') || kinds.has('texts');
    const limit = ofText ? undefined : rankLimit(peek);
    const answer = await askRank(
      { title, step: before + 1, totalSteps, first: before === 0 },
      rank ?? suggestedRank(last.rank, limit?.most, first),
      limit,
      problem,
    );
    problem = undefined;
    if (answer === 'back') {
      asked = false;
      continue;
    }
    if (answer === undefined) return undefined;
    rank = answer.rank;
    const ranked = `${title}, Rank ${rank}`;
    const counted = { title: ranked, step: before + 2, totalSteps };
    const chosen = await askMethod(counted, ofText ? (last.textMethod ?? textMethod) : method, custom);
    if (chosen === undefined) return undefined;
    if (chosen === 'back') continue;
    if (limit && chosen.method === 'pca' && rank !== 'auto' && rank > limit.most) {
      problem = `${limit.size} have at most ${limit.most} principal components; enter a rank of at most ${limit.most}.`;
      continue;
    }
    ({ custom } = chosen);
    if (!ofText) ({ method } = chosen);
    const image = kinds.has('image') ? await askImage(ranked, totalSteps, last.image) : undefined;
    if (image === undefined && kinds.has('image')) return undefined;
    if (image === 'back') continue;
    const answers: Answers = {
      rank,
      method: chosen.method,
      ...(ofText && { textMethod: chosen.method }),
      ...(custom && { custom }),
      ...(image && { image }),
      ...(text && { text }),
    };
    if (chosen.method !== 'recommender' || !kinds.has('table') || ofText) return answers;
    const columns = await askLong(counted, common, last.long);
    if (columns === undefined) return undefined;
    if (columns !== 'back') return { ...answers, ...columns };
  }
}

/** @param limit the rank beyond which none is of use; `problem` what is wrong with the rank that is there */
function askRank(
  counted: { title: string; step: number; totalSteps: number; first: boolean },
  last: RankAnswer,
  limit: { most: number; size: string } | undefined,
  problem: string | undefined,
): Promise<{ rank: RankAnswer } | 'back' | undefined> {
  const most = limit ? `at most ${limit.most} for ${limit.size}` : 'at most the smaller side of the table or image';
  return askText({
    ...counted,
    value: String(last),
    prompt: `Rank: how many components to find, ${most}; auto lets the data choose`,
    parse: parseRank,
    ...(problem !== undefined && { problem }),
    warn: ({ rank }) =>
      limit && rank !== 'auto' && rank > limit.most
        ? `Rank ${rank} is more than ${limit.most}, the most that ${limit.size} can have: a lower rank fits as well.`
        : undefined,
  });
}

/** The columns of a table with a rating a line, by choice where the tables could be looked at. */
async function askLong(
  counted: { title: string; step: number; totalSteps: number },
  peek: Peek | undefined,
  last: LongColumns | undefined,
): Promise<{ long?: LongColumns } | 'back' | undefined> {
  if (peek?.kind === 'table' && peek.columns.length >= 3) {
    return askColumns({ ...counted, step: counted.totalSteps + 1, totalSteps: counted.totalSteps + 1 }, peek, last);
  }
  const answer = await askLongColumns(counted.title, last ? longText(last) : '');
  const parsed = answer === undefined ? undefined : parseLongColumns(answer);
  if (parsed === undefined || 'problem' in parsed) return 'back';
  return parsed.columns ? { long: parsed.columns } : {};
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
  counted: { title: string; step: number; totalSteps: number },
  last: MethodId,
  lastCustom: Model | undefined,
): Promise<{ method: MethodId; custom?: Model | undefined } | 'back' | undefined> {
  const items = methods.map(({ id, label, description, detail }) => ({ id, label, description, detail }));
  let method: MethodId | 'back' | undefined = last;
  for (;;) {
    method = await askOne({
      ...counted,
      placeholder: 'Method: what is minimised',
      items,
      last: method,
    });
    if (method === undefined || method === 'back') return method;
    if (method !== 'custom') return { method, custom: lastCustom };
    const custom = await chooseModel(counted, lastCustom ?? firstCustomModel);
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
  return askOne({
    title,
    step: totalSteps,
    totalSteps,
    placeholder: 'Read as: how images become a matrix',
    items,
    last,
  });
}
