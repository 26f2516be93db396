import { stepsOf, type Preparation } from '../model/preparation';

/**
 * What stands in a formula in place of X where X is prepared: `X − μ` where means are subtracted, `(X − μ)/σ` for z-scores.
 * @param means names of what is subtracted, in order: rows may be centred and then columns
 */
export function preparedX(preparation: Preparation | undefined, means: readonly [string, string] = ['μ', 'ν']): string {
  if (!preparation) return 'X';
  if (preparation.scale.kind === 'tf-idf') return shifted('TF–IDF(X)', preparation, means);
  return shifted(preparation.scale.kind === 'log1p' ? 'ln(1 + X)' : 'X', preparation, means);
}

function shifted(first: string, preparation: Preparation, means: readonly [string, string]): string {
  let text = first;
  let subtracted = 0;
  for (const step of stepsOf(preparation)) {
    if (step.kind === 'shift') {
      text += step.statistic === 'least' ? ' − min' : ` − ${means[subtracted++] ?? means[1]}`;
    } else if (step.kind === 'scale' && preparation.scale.kind !== 'tf-idf') {
      const by = { deviation: 'σ', range: '(max − min)', norm: '‖X‖', 'inverse-idf': 'idf' }[step.statistic];
      text = `${text.includes(' ') ? `(${text})` : text}/${by}`;
    }
  }
  return text;
}
