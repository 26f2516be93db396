import type * as v from 'valibot';
import { finite, integer, listOf, object, oneOf, optional as mayBeAbsent, text } from '../untrusted/schema';
import { choice, namesOf, number, optional, whole, type OptionsOf } from './fields';
import { resultLimits } from './result-limits';

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
  /** Part of the observed entries that the fit does not see and is judged on, drawn with `seed`; none where absent. */
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

/** A device as results name it. */
export type DeviceId = Exclude<DeviceChoice, 'auto'>;

/** What can be asked for. */
export const deviceChoices: readonly DeviceChoice[] = namesOf(run.device);

export const deviceIds: readonly DeviceId[] = deviceChoices.filter((name) => name !== 'auto');

/** What was asked for, where it was computed and why, and what did not run there: as the engine tells it. */
export const deviceSchema = object({
  requested: oneOf(deviceChoices),
  used: oneOf(deviceIds),
  reason: text,
  placement: mayBeAbsent(listOf(object({ operation: text, device: text, count: integer(1) }), resultLimits.remarks)),
});

/** What the user should know about where it was computed: that what was asked for did not work, or not for all. */
export function deviceWarnings({
  requested,
  used,
  reason,
  placement = [],
}: v.InferOutput<typeof deviceSchema>): string[] {
  const warnings: string[] = [];
  const isFallback = requested === 'auto' ? used === 'wasm' : requested !== used;
  if (isFallback) warnings.push(`It ran on ${used}${requested === 'auto' ? '' : `, not on ${requested}`}. ${reason}`);
  if (placement.length > 0) {
    const listed = placement.map(({ operation, device: elsewhere, count }) => `${operation} ×${count} on ${elsewhere}`);
    warnings.push(`Some operations of each step did not run on ${used}: ${listed.join(', ')}.`);
  }
  return warnings;
}

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
