import { constraints, type ConstraintRecords } from './constraints';
import type { Fields } from './fields';
import { losses, type LossRecords } from './losses';
import { penalties, type PenaltyRecords } from './penalties';
import { scalings, type ScalingRecords } from './preparation';
import { presetRecords, type PresetRecords } from './presets';
import { run } from './run';
import { solvers, type SolverRecords } from './solvers';
import { starts, type StartRecords } from './starts';
import { stopping } from './stopping';

/**
 * All that can be asked of a factorization. What is made of it (options, settings, pickers, readers, words, pages) takes it as
 * a parameter, so that a test can add to a copy and look whether the addition is everywhere.
 */
export interface Vocabulary {
  losses: LossRecords;
  penalties: PenaltyRecords;
  constraints: ConstraintRecords;
  solvers: SolverRecords;
  presets: PresetRecords;
  scalings: ScalingRecords;
  starts: StartRecords;
  stopping: Fields;
  run: Fields;
}

export const vocabulary: Vocabulary = {
  losses,
  penalties,
  constraints,
  solvers,
  presets: presetRecords,
  scalings,
  starts,
  stopping,
  run,
};
