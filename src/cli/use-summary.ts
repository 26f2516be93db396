import type { NamedRow, UseResult } from '../factorization/use/kinds';
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
      const mean = result.errors.reduce((sum, error) => sum + error, 0) / Math.max(1, rows);
      return [
        ...result.warnings.map((warning): [string, string] => ['warning', warning]),
        ['transform', `${rows} rows of ${columns} components, mean error ${figure(mean)}, written to ${out}`],
      ];
    }
    case 'fill':
      return [['fill', `${result.filled} ${result.filled === 1 ? 'entry' : 'entries'} filled in, written to ${out}`]];
    case 'reconstruct':
      return [['rebuilt', `from ${componentsText(result.components)}, written to ${out}`]];
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
        errors: Array.from({ length: result.errors.length }, (_, row) => result.errors[row]),
        warnings: result.warnings,
      };
    case 'fill':
      return { filled: result.filled };
    case 'reconstruct':
      return { components: result.components.map((component) => component + 1) };
    case 'anomalies':
      return { rows: result.rows.slice(0, shown).map(({ error, ...row }) => ({ ...numbered(row), error })) };
    case 'nearest':
      return {
        row: numbered(result.row),
        neighbours: result.neighbours.map(({ distance, ...row }) => ({ ...numbered(row), distance })),
      };
  }
}

const numbered = ({ index, label }: NamedRow): object => ({ row: index + 1, ...(label !== undefined && { label }) });

const nameOf = ({ index, label }: NamedRow): string =>
  label === undefined ? `row ${index + 1}` : `${label} (row ${index + 1})`;

const componentsText = (components: readonly number[]): string =>
  `${components.length === 1 ? 'component' : 'components'} ${components.map((component) => component + 1).join(', ')}, which add most first`;
