import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from './datasets';

/** The numbers of a small file that once came out wrong; NaN where a cell is empty. Read without the reader under test. */
export const caseRows = (name: string): number[][] =>
  readFileSync(join(dataFolder, 'cases', 'numbers', `${name}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map((cell) => (cell.trim() === '' ? NaN : Number(cell))));
