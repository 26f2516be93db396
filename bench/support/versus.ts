import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fashionImages, type Data } from './data';

/** Data to compare on. */
export interface Case {
  rank: number;
  /** Runs that each makes in a round; 1 by default. */
  restarts?: number;
  /** Fewer rounds than others have, where one takes minutes. */
  rounds?: number;
  load(): Promise<Data>;
  /** A file of a Debian package, without which the case is left out. */
  needs?: { file: string; from: string };
}

export const fashionPackage = { file: fashionImages, from: 'dataset-fashion-mnist' };

/** What a round is about. */
export interface Setting extends Case {
  name: string;
  data: Data;
  /** The numbers as float32, row-major, for a peer in another process. */
  file: string;
  seed: number;
}

/** Seconds that the peer and we took, and what else the round has to say. */
export interface Round {
  theirs: number;
  ours: number;
  note: string;
  /** What the peer computes with: versions and kernels. */
  with?: string;
}

/** Alternates between the peer and us, case after case, and says by how much we are faster. */
export async function versus(
  peer: string,
  cases: Readonly<Record<string, Case>>,
  names: readonly string[],
  rounds: number,
  round: (setting: Setting) => Promise<Round>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    for (const name of names.length > 0 ? names : Object.keys(cases)) {
      const found = cases[name];
      if (!found) throw new Error(`There is no case ${name}; there are ${Object.keys(cases).join(', ')}.`);
      if (found.needs && !existsSync(found.needs.file)) {
        console.log(`${name}: left out, since the Debian package ${found.needs.from} is not installed`);
        continue;
      }
      const data = await found.load();
      const file = join(folder, `${name}.f32`);
      writeFileSync(file, data.values);
      const label = `${name} r=${found.rank}`;
      await alternate(label, peer, found.rounds ?? rounds, (seed) => round({ ...found, name, data, file, seed }));
    }
  });
}

/** Makes the rounds, each with its own seed; the figure is the median of their ratios, so that a slow minute slows both. */
export async function alternate(
  label: string,
  peer: string,
  rounds: number,
  round: (seed: number) => Promise<Round>,
): Promise<void> {
  const ratios: number[] = [];
  let peersWith: string | undefined;
  for (let seed = 0; seed < rounds; seed++) {
    const { theirs, ours, note, with: means } = await round(seed);
    peersWith = means;
    ratios.push(theirs / ours);
    console.log(
      `${label} seed ${seed}: ${peer} ${theirs.toFixed(3)} s, ours ${ours.toFixed(3)} s${note && `; ${note}`}`,
    );
  }
  const never = ratios.filter((ratio) => ratio === 0).length;
  console.log(
    `${label}: ${median(ratios).toFixed(2)} times as fast as ${peer} (median of ${rounds})` +
      (never > 0 ? `; ${never} of ${rounds} never came there, and count as 0` : '') +
      (peersWith === undefined ? '' : ` [${peersWith}]`),
  );
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

/** What a peer prints on its standard output. */
export function answerOf(
  program: string,
  args: readonly (string | number)[],
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const options = { encoding: 'utf8', env: environment } as const;
  const { status, stdout, stderr, error } = spawnSync(program, args.map(String), options);
  if (status !== 0) throw new Error(`${program} ${args[0]} did not answer: ${error?.message ?? stderr}`);
  return stdout;
}

export async function inTemporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'factorlens-bench-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
