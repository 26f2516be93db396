import type { Consensus } from '../factorization/diagnostics/findings';
import {
  descriptionSchema,
  sizeSchema,
  type Factorization,
  type FactorizationDescription,
} from '../factorization/result';
import type { Trace } from '../factorization/runs/trace';
import type { PreparationStep, StepRecipe } from '../model/preparation';
import { resultLimits, refusesResult } from '../model/result-limits';
import type { ByteSource } from '../data/byte-source';
import { DataError } from '../data/dataset';
import { FactorsArrays, placeOfNonFinite, remedy } from './arrays';
import { FieldError, FieldLimitError, integer, object, oneOf, readAs } from '../untrusted/schema';
import { beyond } from './json-size';
import { encodeNpy, type NpyArray } from '../data/formats/npy';
import { putTextLists, takeTextLists } from './text-lists';
import { packTexts } from './texts';
import { packZip, ZipArchive, ZipError } from '../data/formats/zip';

/**
 * Raised whenever an older Factorlens could no longer read what is written. In version 1 the lists of texts stood in
 * the description.
 */
const formatVersion = 2;

const description = 'factorlens.json';

/** Greatest size of the description in bytes: in the first version it has all labels. */
const descriptionLimit = 1 << 28;
/** Parts of the description beside its labels, and lists and objects within each other. */
const descriptionParts = 1 << 21;
const descriptionDepth = 16;

const biasFiles = { rows: 'row_biases.npy', columns: 'column_biases.npy' } as const;
const consensusFile = 'consensus.npy';
const traceArrays = ['iteration', 'seconds', 'objective'] as const;

/**
 * The bytes of `NAME.factors.npz`: an uncompressed zip of NumPy arrays, which `numpy.load` opens, and of
 * `factorlens.json` with everything else. `W.npy` is rows×rank and `H.npy` rank×columns, float32; each restart k has
 * `restartK_iteration.npy`, `restartK_seconds.npy` and `restartK_objective.npy`, float64; each step k of the preparation
 * that takes numbers from the data has `preparationK.npy`, float64; a model with biases has `row_biases.npy` and
 * `column_biases.npy`, float32; a consensus of the restarts has `consensus.npy`, float32, as long as the list of the rows it
 * compares both ways. A list of texts is two arrays: `row_labels.npy` has all labels of the rows as UTF-8, uint8, and
 * `row_labels_ends.npy` where in it each one ends, uint32; in the description stands `{ "texts": "row_labels" }`.
 * Likewise `column_labels`, `features`, `vocabulary`, `left_out` and `left_out_reasons`, where they are needed. The same
 * result gives the same bytes.
 *
 * @throws DataError when the result is of a kind or size that could not be read again
 */
export function encodeFactorization(factorization: Factorization): Uint8Array {
  const { name } = factorization.source;
  const refusal = refusesResult({ ...factorization, restarts: factorization.restarts.length });
  if (refusal !== undefined) throw unwritable(name, refusal);
  const { W, H, restarts, rows, columns, rank, biases, preparation, consensus, ...rest } = factorization;
  const files: Record<string, Uint8Array> = {};
  const add = (file: string, array: NpyArray, shape: readonly number[]): void => {
    const wrong = array instanceof Float32Array ? placeOfNonFinite(file, array, shape) : undefined;
    if (wrong !== undefined) throw unwritable(name, `${wrong}. Factorize again with a smaller rate or another solver.`);
    files[file] = encodeNpy(array, shape);
  };
  add('W.npy', W, [rows, rank]);
  add('H.npy', H, [rank, columns]);
  if (biases) {
    add(biasFiles.rows, biases.rows, [rows]);
    add(biasFiles.columns, biases.columns, [columns]);
  }
  restarts.forEach(({ trace }, index) => {
    for (const array of traceArrays) add(traceFile(index, array), trace[array], [trace[array].length]);
  });
  preparation?.forEach((step, index) => {
    if ('by' in step) add(stepFile(index), step.by, [step.by.length]);
  });
  if (consensus?.kind === 'consensus') {
    add(consensusFile, consensus.matrix, [consensus.rows.length, consensus.rows.length]);
  }
  const texts = takeTextLists(rest);
  for (const [list, content] of texts.lists) {
    const { bytes, ends } = packTexts(content);
    add(`${list}.npy`, bytes, [bytes.length]);
    add(`${list}_ends.npy`, ends, [ends.length]);
  }
  const content = {
    format: 'factorlens',
    version: formatVersion,
    rows,
    columns,
    rank,
    restarts: restarts.map(({ trace: _, ...report }) => report),
    ...(biases && { biases: { mean: biases.mean } }),
    ...(preparation && { preparation: preparation.map((step) => ({ ...step, by: undefined })) }),
    ...(consensus && { consensus: { ...consensus, matrix: undefined } }),
    ...rest,
    ...texts.description,
  };
  // JSON has no NaN and infinities; they stand there as text.
  const json = JSON.stringify(content, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  const encoded = new TextEncoder().encode(json);
  checkReadable(encoded, name, texts.lists);
  files[description] = encoded;
  const size = Object.values(files).reduce((sum, bytes) => sum + bytes.length + entryOverhead, 0);
  if (size > resultLimits.fileBytes) {
    throw unwritable(
      name,
      `It takes ${size} bytes, and a file of factors holds up to ${resultLimits.fileBytes}; give a smaller rank, fewer restarts or fewer rows.`,
    );
  }
  return packZip(files);
}

/** Reads a description as it will be read, so that the reader has no limit that the writer does not know. */
function checkReadable(encoded: Uint8Array, name: string, lists: ReturnType<typeof takeTextLists>['lists']): void {
  try {
    describe(encoded, name, descriptionParts, (list) => lists.get(list) ?? []);
  } catch (error) {
    if (error instanceof FieldLimitError) {
      throw unwritable(name, `In it, ${error.message}; shorten the names in the file, or take fewer restarts.`);
    }
    // What is no result at all is a fault of ours, which reading it tells; it is not lost for that.
    if (!(error instanceof FieldError)) throw error;
  }
}

/** Bytes of a zip archive beside an entry's content, at most: two headers and the name in both. */
const entryOverhead = 256;

function unwritable(name: string, reason: string): DataError {
  return new DataError(`${name}: the result cannot be saved. ${reason}`);
}

/**
 * Reads what {@link encodeFactorization} wrote, of this version or one before. Safe with files from strangers: nothing in
 * them is run or written to disk; entries are stored, not compressed, so that none is larger than the file; checksums,
 * shapes and every field are verified; lists and texts are as long as the shapes and {@link resultLimits} allow; and
 * fields that are unknown are dropped.
 * @param name of the file, for messages
 * @throws DataError when the file is damaged, not ours, or written by a later version
 */
export function decodeFactorization(source: Uint8Array | ByteSource, name: string): Factorization {
  const size = source instanceof Uint8Array ? source.length : source.size;
  if (size > resultLimits.fileBytes) {
    throw new DataError(
      `${name}: this file has ${size} bytes, and a file of factors holds up to ${resultLimits.fileBytes}; open one that Factorlens saved.`,
    );
  }
  try {
    return decode(new ZipArchive(source), name);
  } catch (error) {
    if (error instanceof ZipError) {
      throw new DataError(`${name}: not a factors file, or a damaged one: ${error.message}; ${remedy}.`, {
        cause: error,
      });
    }
    if (error instanceof FieldError) {
      throw new DataError(`${name}: ${description} is not valid, since ${error.message}; ${remedy}.`, { cause: error });
    }
    throw error;
  }
}

function decode(archive: ZipArchive, name: string): Factorization {
  const arrays = new FactorsArrays(archive, name);
  const { restarts, biases, preparation, consensus, ...rest } = readDescriptionOf(archive, arrays, name);
  const { rows, columns, rank } = rest;
  return {
    ...rest,
    ...(preparation && { preparation: preparation.map((step, index) => readStep(arrays, name, index, step, rest)) }),
    W: arrays.finite('W.npy', [rows, rank]),
    H: arrays.finite('H.npy', [rank, columns]),
    ...(biases && {
      biases: {
        mean: biases.mean,
        rows: arrays.finite(biasFiles.rows, [rows]),
        columns: arrays.finite(biasFiles.columns, [columns]),
      },
    }),
    ...(consensus && { consensus: readConsensus(arrays, name, consensus) }),
    restarts: restarts.map((report, index) => ({ ...report, trace: readTrace(arrays, name, index) })),
  };
}

function readDescriptionOf(archive: ZipArchive, arrays: FactorsArrays, name: string): FactorizationDescription {
  if (!archive.has(description)) {
    const content = archive.has('W.npy') ? 'has W but lacks' : 'has no';
    throw new DataError(
      `${name}: this archive ${content} ${description}, so it is not a factors file of Factorlens; open one that Factorlens saved.`,
    );
  }
  const deflated = archive.firstDeflated();
  if (deflated !== undefined) {
    throw new DataError(
      `${name}: ${deflated} is compressed, and the entries of a factors file are stored as they are; open the file that Factorlens saved, or unpack this one and pack it without compression (zip -0).`,
    );
  }
  // Files of the first version have a label and a feature's name for each row and column, of which there are no more
  // than numbers in W and H.
  const labels = (archive.sizeOf('W.npy') + archive.sizeOf('H.npy')) / Float32Array.BYTES_PER_ELEMENT;
  return describe(archive.unpack(description, descriptionLimit), name, descriptionParts + 6 * labels, (list) =>
    arrays.texts(list),
  );
}

function describe(
  bytes: Uint8Array,
  name: string,
  parts: number,
  lookup: Parameters<typeof putTextLists>[1],
): FactorizationDescription {
  const excess = beyond(bytes, { parts, names: resultLimits.names, depth: descriptionDepth });
  if (excess !== undefined) {
    const what = {
      parts: 'more parts than a result has',
      names: 'an object of more names than one of a result has',
      depth: 'lists within lists, deeper than those of a result',
    }[excess];
    throw new DataError(`${name}: ${description} has ${what}; ${remedy}.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new DataError(`${name}: ${description} is not valid JSON; ${remedy}.`, { cause: error });
  }
  const { version } = readAs(headSchema, json);
  if (version > formatVersion) {
    throw new DataError(
      `${name}: saved in version ${version} of the format, and this Factorlens reads up to ${formatVersion}; update Factorlens.`,
    );
  }
  const whole = putTextLists(json, lookup);
  return readAs(descriptionSchema(readAs(sizeSchema, whole)), whole);
}

const headSchema = object({ format: oneOf(['factorlens']), version: integer(1) });

function traceFile(restart: number, array: (typeof traceArrays)[number]): string {
  return `restart${restart}_${array}.npy`;
}

function stepFile(step: number): string {
  return `preparation${step}.npy`;
}

function readStep(
  arrays: FactorsArrays,
  name: string,
  index: number,
  step: StepRecipe,
  { rows, columns }: { rows: number; columns: number },
): PreparationStep {
  if (step.kind === 'log1p') {
    return step;
  }
  const length = { rows, columns, global: 1 }[step.axis];
  const by = arrays.read(stepFile(index), [length], Float64Array);
  if (!by.every((value) => Number.isFinite(value) && (step.kind === 'shift' || value > 0))) {
    throw new DataError(`${name}: ${stepFile(index)} holds numbers that cannot be; ${remedy}.`);
  }
  return { ...step, by };
}

function readConsensus(
  arrays: FactorsArrays,
  name: string,
  description: NonNullable<FactorizationDescription['consensus']>,
): Consensus {
  if (description.kind === 'none') return description;
  const size = description.rows.length;
  const matrix = arrays.read(consensusFile, [size, size], Float32Array);
  const mirrored = (at: number): number => (at % size) * size + Math.floor(at / size);
  if (!matrix.every((value, at) => value >= 0 && value <= 1 && value === matrix[mirrored(at)])) {
    throw new DataError(`${name}: ${consensusFile} holds numbers that cannot be; ${remedy}.`);
  }
  return { ...description, matrix };
}

/** The objective of a run that diverged may be no number; when it was reached always is. */
function readTrace(arrays: FactorsArrays, name: string, restart: number): Trace {
  const read = (array: (typeof traceArrays)[number]) =>
    arrays.read(traceFile(restart, array), 'vector', Float64Array, traceLimit);
  const trace: Trace = { iteration: read('iteration'), seconds: read('seconds'), objective: read('objective') };
  const { length } = trace.iteration;
  if (trace.seconds.length !== length || trace.objective.length !== length) {
    throw new DataError(`${name}: the traces of restart ${restart} differ in length; ${remedy}.`);
  }
  for (let index = 0; index < length; index++) {
    const earlier = trace.iteration[index - 1] ?? -1;
    const iteration = trace.iteration[index]!;
    if (!(iteration > earlier && iteration < Infinity)) {
      throw new DataError(`${name}: the iterations of restart ${restart} are not in order; ${remedy}.`);
    }
    const seconds = trace.seconds[index]!;
    if (!(seconds >= 0 && seconds < Infinity)) {
      throw new DataError(
        `${name}: the seconds of restart ${restart} hold ${seconds} in place ${index + 1}; ${remedy}.`,
      );
    }
  }
  return trace;
}

const traceLimit = 2 ** 24;
