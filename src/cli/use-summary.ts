import type { NamedRow, UseResult } from '../model/uses';
import { figure, oneLine } from './text';
import type { AskedUse } from './uses';

/** Rows shown of a list that is written whole. */
const shown = 5;

/** A few lines for a reader on what was done with a result. */
export function summariseUses(results: readonly UseResult[], outputs: readonly AskedUse[]): string {
  return results
    .flatMap((result, index) => linesOf(result, outputs[index]?.out ?? ''))
    .map(([name, text]) => `${name.padEnd(10)} ${oneLine(text)}\n`)
    .join('');
}

function linesOf(result: UseResult, out: string): [string, string][] {
  switch (result.kind) {
    case 'transform': {
      const { rows, columns } = result.W;
      const known = result.errors.filter((error) => !Number.isNaN(error));
      const mean = known.reduce((sum, error) => sum + error, 0) / Math.max(1, known.length);
      return [
        ...warned(result.warnings),
        ['transform', `${rows} rows of ${columns} components, mean error ${figure(mean)}, written to ${out}`],
      ];
    }
    case 'fill':
      return [
        ...warned(result.warnings),
        [
          'fill',
          `${result.filled} ${result.filled === 1 ? 'entry' : 'entries'} filled in${result.empty > 0 ? `, ${result.empty} left empty` : ''}, written to ${out}`,
        ],
      ];
    case 'reconstruct':
      return [...warned(result.warnings), ['rebuilt', `from ${componentsText(result.components)}, written to ${out}`]];
    case 'anomalies':
      return [
        ['anomalies', `rows by their error, written to ${out}; the worst:`],
        ...result.rows.slice(0, shown).map((row): [string, string] => ['', `${nameOf(row)}: ${figure(row.error)}`]),
      ];
    case 'nearest':
      return [
        ['nearest', `to ${nameOf(result.row)}:`],
        ...result.neighbours.map((row): [string, string] => ['', `${nameOf(row)}: ${figure(row.distance)}`]),
      ];
  }
}

/** The same for programs; rows are numbered from 1 as in the summary. */
export function reportUses(results: readonly UseResult[], outputs: readonly AskedUse[]): object[] {
  return results.map((result, index) => ({
    kind: result.kind,
    ...figuresOf(result),
    output: outputs[index]?.out ?? null,
  }));
}

function figuresOf(result: UseResult): object {
  switch (result.kind) {
    case 'transform':
      return {
        rows: result.W.rows,
        components: result.W.columns,
        // What is not a number is null in JSON.
        errors: Array.from({ length: result.errors.length }, (_, row) => result.errors[row]),
        warnings: result.warnings,
      };
    case 'fill':
      return { filled: result.filled, empty: result.empty, outside: result.outside, warnings: result.warnings };
    case 'reconstruct':
      return { components: result.components.map((component) => component + 1), warnings: result.warnings };
    case 'anomalies':
      return { rows: result.rows.slice(0, shown).map(({ error, ...row }) => ({ ...numbered(row), error })) };
    case 'nearest':
      return {
        row: numbered(result.row),
        neighbours: result.neighbours.map(({ distance, ...row }) => ({ ...numbered(row), distance })),
      };
  }
}

const warned = (warnings: readonly string[]): [string, string][] =>
  warnings.map((warning): [string, string] => ['warning', warning]);

const numbered = ({ index, label }: NamedRow): object => ({ row: index + 1, ...(label !== undefined && { label }) });

const nameOf = ({ index, label }: NamedRow): string =>
  label === undefined ? `row ${index + 1} of the data` : `${label} (row ${index + 1} of the data)`;

const componentsText = (components: readonly number[]): string =>
  `${components.length === 1 ? 'component' : 'components'} ${components.map((component) => component + 1).join(', ')}, which add most first`;
