/**
 * Whole jobs of the command line, from the start of the process to its exit: what a person waits for. With the folder of
 * another built checkout, `npm run bench -- job OTHER`, jobs of both alternate, and the figure is the median of the ratios.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median } from './support/versus';

const jobs: { name: string; args: string[] }[] = [
  { name: 'digits, rank 10', args: ['digits.csv', '--rank', '10'] },
  {
    name: 'digits, rank 10, NMF of one restart',
    args: ['digits.csv', '--rank', '10', '--preset', 'nmf', '--restarts', '1'],
  },
  { name: 'penguins', args: ['penguins.csv'] },
];
const rounds = 7;

function main(): void {
  const [other] = process.argv.slice(2);
  const ours = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'factorlens-bench-'));
  try {
    for (const { name, args } of jobs) {
      const times: { ours: number; theirs: number; parts: string }[] = [];
      for (let round = 0; round < rounds; round++) {
        const own = timed(ours, args, folder);
        const theirs = other === undefined ? NaN : timed(resolve(other), args, folder).seconds;
        times.push({ ours: own.seconds, theirs, parts: own.parts });
      }
      const seconds = median(times.map((time) => time.ours)).toFixed(2);
      const ratio = median(times.map((time) => time.theirs / time.ours)).toFixed(2);
      const faster = other === undefined ? '' : `, ${ratio} times as fast as ${other}`;
      console.log(`${name}: ${seconds} s${faster}; of the last: ${times.at(-1)?.parts ?? ''}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Seconds of a job, and what it says that they went into. */
function timed(checkout: string, [file = '', ...options]: readonly string[], folder: string) {
  const began = performance.now();
  const command = [join(checkout, 'dist', 'cli.js'), join(checkout, 'samples', file), ...options];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...command, '--json', '--out', join(folder, 'out.npz')],
    { encoding: 'utf8' },
  );
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`);
  const report = JSON.parse(stdout) as { seconds: object };
  return { seconds, parts: JSON.stringify(report.seconds, (_, value: unknown) => rounded(value)) };
}

const rounded = (value: unknown): unknown => (typeof value === 'number' ? Number(value.toFixed(3)) : value);

main();
