import { quote } from '../table/columns';
import { DataError, type Dataset } from '../dataset';
import type { TextOptions } from '../reading-report';
import { textReader, type TextReader } from '../table/encoding';
import { aboutLeftOut, eachFile, type Folder } from '../folder';
import type { OpenSource } from '../source';
import { DocumentTerms } from './document-terms';
import { isObject } from '../../untrusted/schema';

/** The field that is taken from JSON lines where none is named. */
const defaultField = 'text';

/** Reads a document a line; lines that are blank are none. @throws DataError when no document holds a word */
export async function readTextLines(source: OpenSource, options: TextOptions, encoding?: string): Promise<Dataset> {
  const documents = new DocumentTerms(source.name);
  const read = await eachLine(source, (line) => documents.add(line), encoding);
  return documents.finish(options, source.identity(), read.warnings, { encoding: read.encoding });
}

/**
 * Reads JSON lines: of each line, an object, one field that is text. A line without the field is an empty document.
 * @throws DataError naming the first line that is no object, or the fields when none is the one asked for
 */
export async function readJsonLines(source: OpenSource, options: TextOptions): Promise<Dataset> {
  const field = options.from ?? defaultField;
  const documents = new DocumentTerms(source.name);
  const fields = new Set<string>();
  let found = 0;
  const { warnings } = await eachLine(source, (line, number) => {
    const entry = parseLine(line, number, source.name);
    const value: unknown = Object.hasOwn(entry, field) ? entry[field] : undefined;
    Object.entries(entry).forEach(([name, other]) => {
      if (typeof other === 'string') {
        fields.add(name);
      }
    });
    found += typeof value === 'string' ? 1 : 0;
    documents.add(typeof value === 'string' ? value : '');
  });
  if (found === 0) {
    throw new DataError(
      `${source.name}: no line has text in the field ${quote(field)}; name one that has (--text): ${[...fields].slice(0, 8).map(quote).join(', ')}.`,
    );
  }
  return documents.finish(options, source.identity(), warnings);
}

/** Reads a folder of texts, a document a file. @throws DataError when one cannot be read, or none holds a word */
export async function readTextFolder(
  folder: Folder,
  options: TextOptions,
  reading: { onProgress?: ((fraction: number) => void) | undefined; signal?: AbortSignal | undefined },
): Promise<Dataset> {
  const documents = new DocumentTerms(folder.name);
  const warnings = aboutLeftOut(folder);
  const source = await eachFile(folder, reading, async (file) => {
    const lines: string[] = [];
    warnings.push(...(await eachLine(file, (line) => lines.push(line))).warnings);
    documents.add(lines.join('\n'), file.name);
  });
  return documents.finish(options, source, warnings);
}

function parseLine(line: string, number: number, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new DataError(`${name}: line ${number} is not valid JSON; put one object on each line.`, { cause: error });
  }
  if (!isObject(value)) {
    throw new DataError(`${name}: line ${number} is no object; put one object with a field of text on each line.`);
  }
  return value;
}

/** Visits every line that is not blank, with its number from 1. @returns how the text was decoded */
async function eachLine(
  source: OpenSource,
  visit: (line: string, number: number) => void,
  encoding?: string,
): Promise<{ warnings: string[]; encoding: string }> {
  let text: TextReader | undefined;
  /** The line that is not complete yet, in pieces: joined at every chunk, a long one would take time that grows with its square. */
  let open: string[] = [];
  let number = 0;
  const take = (line: string): void => {
    number++;
    if (line.trim() !== '') {
      visit(line, number);
    }
  };
  for await (const chunk of source.chunks()) {
    text ??= textReader(chunk, source.name, encoding);
    const pieces = text.decode(chunk).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      const line = open.length === 0 ? piece : [...open, piece].join('');
      open = [];
      take(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    open.push(last);
  }
  take([...open, text?.end() ?? ''].join(''));
  return { warnings: text?.warnings() ?? [], encoding: text?.encoding() ?? 'UTF-8' };
}
