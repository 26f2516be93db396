import type { Consensus } from '../factorization/consensus-matrix';
import type { Factorization, Trace } from '../factorization/factorization';
import { DataError } from './dataset';
import type { PreparationStep } from '../factorization/preparation/kinds';
import { readDescription, type FactorizationDescription, type StepDescription } from './factors-description';
import * as check from './fields';
import { FieldError, Fields } from './fields';
import { decodeNpy, encodeNpy, NpyError, type NpyArray } from './npy';
import { packZip, ZipArchive, ZipError } from './zip';

/** Raised whenever an older Factorlens could no longer read what is written. */
const formatVersion = 1;

const description = 'factorlens.json';

/** Greatest sizes that are unpacked: of the description in bytes, of a factor and of a trace in elements. */
const descriptionLimit = 1 << 28;
const elementLimit = 2 ** 28;
const traceLimit = 2 ** 24;
/** What NumPy's header may add to an array's elements. */
const headerAllowance = 1 << 17;

const biasFiles = { rows: 'row_biases.npy', columns: 'column_biases.npy' } as const;
const consensusFile = 'consensus.npy';
const traceArrays = ['iteration', 'seconds', 'objective'] as const;

/**
 * The bytes of `NAME.factors.npz`: an uncompressed zip of NumPy arrays, which `numpy.load` opens, and of
 * `factorlens.json` with everything else. `W.npy` is rows×rank and `H.npy` rank×columns, float32; each restart k has
 * `restartK_iteration.npy`, `restartK_seconds.npy` and `restartK_objective.npy`, float64; each step k of the preparation
 * that takes numbers from the data has `preparationK.npy`, float64; a model with biases has `row_biases.npy` and
 * `column_biases.npy`, float32; a consensus of the restarts has `consensus.npy`, float32, as long as the list of the rows it
 * compares both ways. The same result gives the same bytes.
 */
export function encodeFactorization(factorization: Factorization): Uint8Array {
  const { W, H, restarts, rows, columns, rank, biases, preparation, consensus, ...rest } = factorization;
  const files: Record<string, Uint8Array> = {
    'W.npy': encodeNpy(W, [rows, rank]),
    'H.npy': encodeNpy(H, [rank, columns]),
  };
  if (biases) {
    files[biasFiles.rows] = encodeNpy(biases.rows, [rows]);
    files[biasFiles.columns] = encodeNpy(biases.columns, [columns]);
  }
  restarts.forEach(({ trace }, index) => {
    for (const name of traceArrays) {
      files[traceFile(index, name)] = encodeNpy(trace[name], [trace[name].length]);
    }
  });
  preparation?.forEach((step, index) => {
    if ('by' in step) files[stepFile(index)] = encodeNpy(step.by, [step.by.length]);
  });
  if (consensus?.kind === 'consensus') {
    files[consensusFile] = encodeNpy(consensus.matrix, [consensus.rows.length, consensus.rows.length]);
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
  };
  // JSON has no NaN and infinities; they stand there as text.
  const json = JSON.stringify(content, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  files[description] = new TextEncoder().encode(json);
  return packZip(files);
}

/**
 * Reads what {@link encodeFactorization} wrote. Safe with files from strangers: nothing in them is run or written to
 * disk, no entry is unpacked beyond the size that its shape requires, checksums, shapes and every field are verified,
 * and fields that are unknown are dropped.
 * @param name of the file, for messages
 * @throws DataError when the file is damaged, not ours, or written by a later version
 */
export function decodeFactorization(bytes: Uint8Array, name: string): Factorization {
  try {
    return decode(new ZipArchive(bytes), name);
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

const remedy = 'save it again, or factorize the data anew';

function decode(archive: ZipArchive, name: string): Factorization {
  const fields = new Fields(parseDescription(archive, name), '');
  fields.get('format', check.oneOf('factorlens'));
  const version = fields.get('version', check.integer(1));
  if (version > formatVersion) {
    throw new DataError(
      `${name}: saved in version ${version} of the format, and this Factorlens reads up to ${formatVersion}; update Factorlens.`,
    );
  }
  const { restarts, biases, preparation, consensus, ...rest } = readDescription(fields);
  const { rows, columns, rank } = rest;
  return {
    ...rest,
    ...(preparation && { preparation: preparation.map((step, index) => readStep(archive, name, index, step, rest)) }),
    W: readArray(archive, name, 'W.npy', [rows, rank], Float32Array),
    H: readArray(archive, name, 'H.npy', [rank, columns], Float32Array),
    ...(biases && {
      biases: {
        mean: biases.mean,
        rows: readArray(archive, name, biasFiles.rows, [rows], Float32Array),
        columns: readArray(archive, name, biasFiles.columns, [columns], Float32Array),
      },
    }),
    ...(consensus && { consensus: readConsensus(archive, name, consensus) }),
    restarts: restarts.map((report, index) => ({ ...report, trace: readTrace(archive, name, index) })),
  };
}

function parseDescription(archive: ZipArchive, name: string): unknown {
  if (!archive.has(description)) {
    const content = archive.has('W.npy') ? 'has W but lacks' : 'has no';
    throw new DataError(
      `${name}: this archive ${content} ${description}, so it is not a factors file of Factorlens; open one that Factorlens saved.`,
    );
  }
  const bytes = archive.unpack(description, descriptionLimit);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new DataError(`${name}: ${description} is not valid JSON; ${remedy}.`, { cause: error });
  }
}

function traceFile(restart: number, array: (typeof traceArrays)[number]): string {
  return `restart${restart}_${array}.npy`;
}

function stepFile(step: number): string {
  return `preparation${step}.npy`;
}

function readStep(
  archive: ZipArchive,
  name: string,
  index: number,
  step: StepDescription,
  { rows, columns }: { rows: number; columns: number },
): PreparationStep {
  if (step.kind === 'log1p') {
    return step;
  }
  const length = { rows, columns, global: 1 }[step.axis];
  const by = readArray(archive, name, stepFile(index), [length], Float64Array);
  if (!by.every((value) => Number.isFinite(value) && (step.kind === 'shift' || value > 0))) {
    throw new DataError(`${name}: ${stepFile(index)} holds numbers that cannot be; ${remedy}.`);
  }
  return { ...step, by };
}

function readConsensus(
  archive: ZipArchive,
  name: string,
  description: NonNullable<FactorizationDescription['consensus']>,
): Consensus {
  if (description.kind === 'none') return description;
  const size = description.rows.length;
  const matrix = readArray(archive, name, consensusFile, [size, size], Float32Array);
  const mirrored = (at: number): number => (at % size) * size + Math.floor(at / size);
  if (!matrix.every((value, at) => value >= 0 && value <= 1 && value === matrix[mirrored(at)])) {
    throw new DataError(`${name}: ${consensusFile} holds numbers that cannot be; ${remedy}.`);
  }
  return { ...description, matrix };
}

/** Reads an array of one type and shape; of a shape given without lengths, only the number of axes is checked. */
function readArray<A extends NpyArray>(
  archive: ZipArchive,
  name: string,
  file: string,
  shape: readonly number[] | 'vector',
  type: { new (length: number): A; readonly BYTES_PER_ELEMENT: number },
): A {
  const elements = shape === 'vector' ? traceLimit : shape.reduce((product, length) => product * length, 1);
  if (elements > elementLimit) {
    throw new DataError(`${name}: ${file} is said to have more than ${elementLimit} elements; ${remedy}.`);
  }
  let found;
  try {
    found = decodeNpy(archive.unpack(file, headerAllowance + type.BYTES_PER_ELEMENT * elements));
  } catch (error) {
    if (error instanceof NpyError) {
      throw new DataError(`${name}: ${file} cannot be read, since ${error.message}; ${remedy}.`, { cause: error });
    }
    throw error;
  }
  const fits =
    shape === 'vector'
      ? found.shape.length === 1
      : found.shape.length === shape.length && shape.every((length, axis) => found.shape[axis] === length);
  if (!fits || !(found.array instanceof type)) {
    const wanted = shape === 'vector' ? 'one axis' : `the shape ${shape.join('×')}`;
    throw new DataError(
      `${name}: ${file} must have ${wanted} and elements of ${type.name.replace('Array', '')}, but has the shape ${found.shape.join('×')} and ${found.array.constructor.name.replace('Array', '')}; ${remedy}.`,
    );
  }
  return found.array;
}

function readTrace(archive: ZipArchive, name: string, restart: number): Trace {
  const read = (array: (typeof traceArrays)[number]) =>
    readArray(archive, name, traceFile(restart, array), 'vector', Float64Array);
  const trace: Trace = { iteration: read('iteration'), seconds: read('seconds'), objective: read('objective') };
  const { length } = trace.iteration;
  if (trace.seconds.length !== length || trace.objective.length !== length) {
    throw new DataError(`${name}: the traces of restart ${restart} differ in length; ${remedy}.`);
  }
  for (let index = 1; index < length; index++) {
    if (!((trace.iteration[index] ?? NaN) > (trace.iteration[index - 1] ?? NaN))) {
      throw new DataError(`${name}: the iterations of restart ${restart} are not in order; ${remedy}.`);
    }
  }
  return trace;
}
