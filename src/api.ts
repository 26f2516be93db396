import type * as vscode from 'vscode';
import type { FactorizationSettings } from './model/settings';
import { jobSettings } from './commands/settings';
import { run } from './model/run';
import type { InspectorDocument } from './inspector/document';
import type { InspectorProvider } from './inspector/provider';
import { baseName } from './inspector/sources';
import type { WorkerClient } from './worker/client';

/** What `activate` answers with: for other extensions, and for the tests that run in the editor. */
export interface FactorlensApi {
  /**
   * Opens an inspector for a file and starts its job; `document.session.settled()` waits for its end.
   * @param settings what differs from the editor's settings; the rank is 10 unless given, or lower where the data are smaller.
   */
  factorize(file: vscode.Uri, settings?: Partial<FactorizationSettings>): Promise<InspectorDocument>;
  readonly inspectors: InspectorProvider;
  readonly worker: WorkerClient;
}

export function createApi(inspectors: InspectorProvider, worker: WorkerClient): FactorlensApi {
  return {
    factorize: (file, settings) =>
      inspectors.commission({
        name: baseName(file),
        source: file.toString(),
        settings: {
          ...jobSettings({ rank: run.rank.default, method: 'plain' }, file),
          ...(settings?.rank === undefined && !settings?.rankSearch && { rankProposed: true }),
          ...settings,
        },
      }),
    inspectors,
    worker,
  };
}
