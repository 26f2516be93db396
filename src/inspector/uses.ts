import { randomUUID } from 'node:crypto';
import type * as vscode from 'vscode';
import type { Source } from '../data/dataset';
import { encodeUse } from '../results/use-files';
import type { Factorization } from '../factorization/result';
import type { Use, UseResult } from '../model/uses';
import { writeResult } from '../files/write';
import type { WorkerClient } from '../worker/client';
import type { FactorizationSession } from './session';
import { baseName, openSource } from './sources';
import { checkTargets } from './targets';
import { replaceFiles } from './write';

/** Where a use of a result is computed. */
export type UseRunner = Pick<WorkerClient, 'use'>;

/**
 * Writes the data of an inspector with its missing entries filled in by the model.
 * @returns how many were, how many could not be, and what the user should know of them
 * @throws Error whose message names the file and the remedy; SourceMissingError when the data are gone
 */
export async function fillIn(
  session: FactorizationSession,
  target: vscode.Uri,
  runner: UseRunner,
  token?: vscode.CancellationToken,
): Promise<{ filled: number; empty: number; warnings: string[] }> {
  const factorization = factorsToUse(session);
  if (isWhole(factorization)) throw new Error(nothingMissing(factorization));
  const { source, weights } = session.description;
  await session.guard?.check(source);
  if (weights !== undefined) await session.guard?.check(weights);
  const result = await use(session, { kind: 'fill' }, { source, weights }, target, runner, token);
  if (result.kind !== 'fill') return { filled: 0, empty: 0, warnings: [] };
  const { filled, empty, warnings } = result;
  return { filled, empty, warnings };
}

/**
 * Writes W of other rows of the same columns, H as it is.
 * @returns how many rows there were, and what the user should know of them
 * @throws Error whose message names the file and the remedy
 */
export async function transformRows(
  session: FactorizationSession,
  rows: vscode.Uri,
  target: vscode.Uri,
  runner: UseRunner,
  token?: vscode.CancellationToken,
): Promise<{ rows: number; warnings: string[] }> {
  const result = await use(session, { kind: 'transform' }, { source: rows.toString() }, target, runner, token);
  return result.kind === 'transform' ? { rows: result.W.rows, warnings: result.warnings } : { rows: 0, warnings: [] };
}

/** The factors of a session at rest. @throws Error when there are none, or a job is about to change them */
export function factorsToUse({ factorization, running, description }: FactorizationSession): Factorization {
  if (running) throw new Error(`${description.name} is still being factorized; stop it, or wait until it is done.`);
  if (!factorization) throw new Error(`There are no factors of ${description.name} to use yet; factorize it first.`);
  return factorization;
}

/** Whether no entry of the data is missing. Those held out for judging count as missing too, so `false` is no promise. */
export function isWhole({ rows, columns, statistics }: Factorization): boolean {
  return statistics.observed === rows * columns;
}

export function nothingMissing({ source }: Factorization): string {
  return `Nothing is missing in ${source.name}, so there is nothing to fill in.`;
}

/** @param data the addresses of what is read for it */
async function use(
  session: FactorizationSession,
  asked: Use,
  data: { source: string; weights?: string | undefined },
  target: vscode.Uri,
  runner: UseRunner,
  token: vscode.CancellationToken | undefined,
): Promise<UseResult> {
  const factorization = factorsToUse(session);
  await checkTargets([target], session.description, [data.source]);
  const source = await openSource(data.source);
  const weights: Source | undefined = data.weights === undefined ? undefined : await openSource(data.weights);
  const [result] = await runner.use(
    { jobId: randomUUID(), factorization, source, ...(weights && { weights }), uses: [asked] },
    { ...(token && { token }) },
  );
  const bytes = result && encodeUse(result, target.path);
  if (!bytes) throw new Error(`The worker answered nothing that could be written to ${baseName(target)}.`);
  if (target.scheme === 'file') await writeResult(target.fsPath, bytes);
  else await replaceFiles([{ uri: target, bytes }], (message) => session.log(message));
  return result;
}
