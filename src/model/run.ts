import type * as v from 'valibot';
import { finite, integer, object } from '../untrusted/schema';
import { choice, number, optional, whole, type OptionsOf } from './fields';

/** What a run is given beside model, solver and stopping. */
export const run = {
  rank: whole({
    noun: 'rank',
    sentence: 'Columns of W and rows of H; `auto` chooses by cross-validation',
    least: 1,
    most: 10_000,
    default: 10,
    option: {
      name: 'rank',
      value: 'N',
      help: "columns of W and rows of H ({default}, or one less than the data's smaller side); auto chooses by cross-validation, and tells what each rank explains and whether its fits agree",
    },
  }),
  restarts: whole({
    noun: 'restarts',
    least: 1,
    most: 10_000,
    default: 5,
    option: {
      name: 'restarts',
      value: 'N',
      help: 'random starts; the best is kept, and how far they agree is told ({default})',
    },
    setting: {
      name: 'restarts',
      words: 'How many random starts are tried. The one that ends lowest is kept.',
    },
  }),
  seed: whole({
    noun: 'seed',
    least: 0,
    most: 2 ** 32 - 1,
    default: 0,
    option: { name: 'seed', value: 'N', help: 'the same seed gives the same numbers ({default})' },
    setting: {
      name: 'seed',
      words: 'Seed of the random starts. The same data, settings and seed give the same factors.',
    },
  }),
  device: choice(
    {
      auto: 'The fastest device that works here, where there is enough to do for a trial to pay. The inspector says which, and why.',
      cpu: 'The processor.',
      webgpu: 'A graphics card of any vendor.',
      cuda: "NVIDIA cards, where ONNX Runtime's CUDA libraries are installed (Linux).",
      dml: 'DirectML (Windows).',
      coreml: 'Core ML (macOS).',
      wasm: 'The processor without native code: slower, and works everywhere.',
    },
    {
      noun: 'device',
      default: 'auto',
      option: { name: 'device', value: 'NAME', help: '{names} ({default})' },
      setting: {
        name: 'device',
        words:
          'Where it computes. A device that does not work is no error: the processor takes over, and the inspector says why.',
      },
    },
  ),
  /** Part of the observed entries. */
  holdout: optional(
    number({
      noun: 'part held out',
      above: 0,
      most: 0.5,
      default: 0.1,
      option: {
        name: 'holdout',
        value: 'F',
        help: 'a part of the entries, such as 0.1, that the fit does not see and is judged on',
      },
    }),
  ),
};

/** The highest rank at which something of data with this smaller side is left to learn: at the side W·H is X itself. */
export const maxUsefulRank = (side: number): number => Math.max(1, side - 1);

export type RunSettings = OptionsOf<typeof run>;

/** A device by name, or the fastest that works. */
export type DeviceChoice = RunSettings['device'];

/** How ranks are compared by what they make of entries that were held out. */
export type RankSearch = v.InferOutput<typeof rankSearchSchema>;

export const rankSearchSchema = object({
  /** Repetitions, each with other entries held out. */
  folds: integer(1),
  /** Of the observed entries, held out in each. */
  fraction: finite(0),
  /** Highest rank to try. */
  most: integer(1),
});

export const defaultRankSearch: RankSearch = { folds: 5, fraction: 0.1, most: 64 };
