/** Where a run begins. */
export interface StartRecord {
  detail: string;
  /** Whether it is the same whatever the seed: several restarts from it would all be the same run. */
  seedless?: true;
  /** Whether it is asked for by a file's name instead of its own. */
  byFile?: true;
}

export const starts = {
  random: { detail: "Independent normal entries in the data's scale." },
  svd: {
    detail:
      'The truncated singular value decomposition, each pair of vectors scaled by the root of its singular value.',
    seedless: true,
  },
  nndsvd: { detail: 'Its non-negative variant, with zeros as they are.', seedless: true },
  nndsvda: { detail: 'The same, with zeros filled with the mean of X.', seedless: true },
  nndsvdar: { detail: 'The same, with zeros filled with small random numbers.' },
  'k-means': { detail: 'Clusters of rows around centres that k-means++ picks.' },
  file: { detail: 'The factors of an earlier result.', seedless: true, byFile: true },
} satisfies Record<string, StartRecord>;

export type StartKind = keyof typeof starts;
export type StartRecords = Readonly<Record<string, StartRecord>>;

export const startKinds = Object.keys(starts) as StartKind[];

/** Starts that are asked for by name; a file is asked for by its name. */
export const namedStartsOf = (records: StartRecords = starts): Exclude<StartKind, 'file'>[] =>
  Object.entries(records).flatMap(([kind, { byFile }]) => (byFile ? [] : [kind as Exclude<StartKind, 'file'>]));

/** Starts that are the same whatever the seed: several restarts from one of them would all be the same run. */
export const isSeedless = (kind: StartKind, records: StartRecords = starts): boolean =>
  records[kind]?.seedless === true;
