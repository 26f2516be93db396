import { firstLine } from '../engine';
import { DeviceAbsentError, tryOut, type TrialRequest } from './trial';
import type { TrialAnswer } from './trial-process';

/** The process in which devices are tried: it answers one request. */
const answer = (message: TrialAnswer): void => {
  process.send?.(message);
};

process.on('disconnect', () => process.exit(0));
process.once('message', (request: TrialRequest) => {
  tryOut(request).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ error: firstLine(error), absent: error instanceof DeviceAbsentError }),
  );
});
