import type * as Onnx from 'onnxruntime-node';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Placement, SessionWatcher } from '../engine';

interface ProfileEvent {
  args?: { op_name?: string; provider?: string; output_type_shape?: readonly Record<string, readonly number[]>[] };
}

/**
 * Where the operations of some sessions run, from the only source that ONNX Runtime has for it in Node.js: the profile
 * that it writes to a file.
 */
export class Profile implements SessionWatcher {
  private readonly folder = mkdtempSync(join(tmpdir(), 'factorlens-profile-'));
  private readonly sessions: Onnx.InferenceSession[] = [];
  readonly options: Pick<Onnx.InferenceSession.SessionOptions, 'enableProfiling' | 'profileFilePrefix'>;

  constructor() {
    this.options = { enableProfiling: true, profileFilePrefix: join(this.folder, 'run') };
  }

  watch(session: Onnx.InferenceSession): void {
    this.sessions.push(session);
  }

  /** Ends the recording. @returns what ran elsewhere than with `providerName` */
  end(providerName: string): Placement[] {
    for (const session of this.sessions) session.endProfiling();
    const files = readdirSync(this.folder).map((name) => join(this.folder, name));
    return placements(
      files.flatMap((file) => eventsOf(readFileSync(file, 'utf8'))),
      providerName,
    );
  }

  /** Removes what was recorded. */
  discard(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The operations of a profile: one a line. (Events of other kinds quote shader keys as they are, so the whole is not always JSON.) */
const eventsOf = (text: string): ProfileEvent[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{"cat" : "Node"'))
    .map((line) => JSON.parse(line.replace(/,\s*$/, '')) as ProfileEvent);

/** Sizes of a few axes belong on the host, which needs them to plan the run; they are not counted. */
const isOfSizes = ({ args }: ProfileEvent): boolean =>
  args?.output_type_shape?.every(
    ({ int64 }) => int64 !== undefined && int64.reduce((size, dim) => size * dim, 1) <= 8,
  ) ?? false;

function placements(events: readonly ProfileEvent[], providerName: string): Placement[] {
  const counts = new Map<string, Placement>();
  for (const event of events) {
    const { op_name: operation, provider } = event.args ?? {};
    if (!operation || !provider || provider === providerName || isOfSizes(event)) continue;
    const device = provider.replace(/ExecutionProvider$/, '');
    const key = `${operation} ${device}`;
    counts.set(key, { operation, device, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}
