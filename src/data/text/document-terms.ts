import type { ReadReport, TextLayout, TextOptions, SourceIdentity } from '../reading-report';
import { DataError, type DenseDataset, type RowBlock } from '../dataset';
import { languageOf, stopWordsOf, type Language } from './stop-words';
import { tokensOf } from './tokens';

/** More terms than this are not kept: the matrix is held whole. */
export const maxTerms = 20_000;
/** Nor more entries than this, half a gigabyte. */
const maxEntries = 2 ** 27;
/** Where there is room for fewer terms than this, and more are wanted, the most frequent ones would say little of the documents. */
const minTerms = 1000;
/** Values of a block of rows. */
const blockValues = 1 << 20;
/** Of a document without a name, this much of its beginning stands for one. */
const labelLength = 40;

/** Counts the terms of documents, one after the other, and makes the document–term matrix of them. */
export class DocumentTerms {
  private readonly ids = new Map<string, number>();
  private readonly terms: string[] = [];
  /** How often each term occurs, and in how many documents. */
  private readonly occurrences: number[] = [];
  private readonly frequencies: number[] = [];
  /** For each document the ids of its terms and how often each occurs. */
  private readonly documents: { ids: Uint32Array; counts: Float32Array }[] = [];
  private readonly labels: string[] = [];

  /** @param file name, for messages */
  constructor(private readonly file: string) {}

  /** @param label of the document; its beginning where it has none */
  add(text: string, label = beginningOf(text)): void {
    const counts = new Map<number, number>();
    for (const token of tokensOf(text)) {
      let id = this.ids.get(token);
      if (id === undefined) {
        id = this.terms.length;
        this.ids.set(token, id);
        this.terms.push(token);
        this.occurrences.push(0);
        this.frequencies.push(0);
      }
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    for (const [id, count] of counts) {
      this.occurrences[id] = (this.occurrences[id] ?? 0) + count;
      this.frequencies[id] = (this.frequencies[id] ?? 0) + 1;
    }
    this.documents.push({ ids: Uint32Array.from(counts.keys()), counts: Float32Array.from(counts.values()) });
    this.labels.push(label);
  }

  /**
   * The matrix: a document a row, a term a column in alphabetical order, how often the term occurs in the document.
   * @throws DataError when no document holds a word, or no term is left
   */
  finish(
    options: TextOptions,
    source: SourceIdentity,
    notes: readonly string[] = [],
    layout?: TextLayout,
  ): DenseDataset {
    if (this.terms.length === 0) {
      throw new DataError(`${this.file}: no document holds a word; choose a file or a column of text.`);
    }
    const { kept, language, warnings } = options.vocabulary
      ? { kept: [...options.vocabulary], language: undefined, warnings: [] }
      : this.choose(options);
    const columnOf = new Map(kept.map((term, column) => [this.ids.get(term), column]));
    const columns = kept.length;
    const rows = this.documents.length;
    const { documents } = this;
    const empty = documents.filter(({ ids }) => !ids.some((id) => columnOf.has(id))).length;
    const reading: ReadReport = {
      kind: 'text',
      options,
      ...(layout && { layout }),
      ...(language === undefined ? {} : { language }),
      distinct: this.terms.length,
    };
    return {
      rows,
      columns,
      missing: 0,
      rowLabels: this.labels,
      columnLabels: kept,
      source,
      reading,
      warnings: [
        ...notes,
        ...warnings,
        ...(empty === 0
          ? []
          : [`${empty === 1 ? '1 document holds' : `${empty} documents hold`} none of the terms that are kept.`]),
      ],
      *blocks() {
        const most = Math.max(1, Math.floor(blockValues / columns));
        for (let start = 0; start < rows; start += most) {
          const count = Math.min(most, rows - start);
          const block: RowBlock = { start, count, values: new Float32Array(count * columns) };
          documents.slice(start, start + count).forEach(({ ids, counts }, row) => {
            ids.forEach((id, at) => {
              const column = columnOf.get(id);
              if (column !== undefined) {
                block.values[row * columns + column] = counts[at] ?? 0;
              }
            });
          });
          yield block;
        }
      },
    };
  }

  /** Which terms are kept, and what the user should know of it. */
  private choose({ minimum, maximum, stopWords }: TextOptions): {
    kept: string[];
    language: Language | undefined;
    warnings: string[];
  } {
    const language =
      stopWords === 'auto'
        ? languageOf(new Map(this.terms.map((term, id) => [term, this.occurrences[id] ?? 0])))
        : stopWords === 'none'
          ? undefined
          : stopWords;
    const stopped: ReadonlySet<string> = language === undefined ? new Set() : stopWordsOf(language);
    const total = this.documents.length;
    // As in scikit-learn: a fraction is of the documents, a whole number counts them, and 1.0 as a maximum is all.
    const least = minimum < 1 ? minimum * total : minimum;
    const most = maximum <= 1 ? maximum * total : maximum;
    const fitting = this.terms
      .map((term, id) => ({ term, frequency: this.frequencies[id] ?? 0 }))
      .filter(({ term, frequency }) => frequency >= least && frequency <= most && !stopped.has(term));
    if (fitting.length === 0) {
      throw new DataError(
        `${this.file}: none of the ${this.terms.length} terms is in at least ${minimum} and at most ${maximum} of the documents; take more documents, or terms of fewer (--min-df) and of more of them (--max-df).`,
      );
    }
    const limit = Math.max(1, Math.min(maxTerms, Math.floor(maxEntries / total)));
    const count = (value: number): string => value.toLocaleString('en');
    const whole = `${count(total)} documents × ${count(fitting.length)} terms`;
    const size = `${((4 * total * fitting.length) / 1e9).toFixed(1)} GB`;
    if (fitting.length > limit && limit < minTerms) {
      throw new DataError(
        `${this.file}: ${whole} would take ${size}, more than is held whole; take fewer documents, or at most ${count(limit)} terms (--min-df and --max-df leave out the others).`,
      );
    }
    const alphabetically = (a: { term: string }, b: { term: string }): number => (a.term < b.term ? -1 : 1);
    const kept =
      fitting.length <= limit
        ? fitting
        : fitting.sort((a, b) => b.frequency - a.frequency || alphabetically(a, b)).slice(0, limit);
    return {
      kept: kept.sort(alphabetically).map(({ term }) => term),
      language,
      warnings:
        kept.length === fitting.length
          ? []
          : [
              `Of ${count(fitting.length)} terms the ${count(limit)} that are in most documents were kept, since ${whole} would take ${size} (--min-df leaves out the others by itself).`,
            ],
    };
  }
}

function beginningOf(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > labelLength ? `${line.slice(0, labelLength - 1)}…` : line;
}
