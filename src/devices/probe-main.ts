import { firstLine } from '../engine';
import { DeviceAbsentError, takeSteps, type ProbeRequest } from './probe-steps';
import type { ProbeAnswer } from './probe';

/** The process in which devices are tried: it answers one request. */
const answer = (message: ProbeAnswer): void => {
  process.send?.(message);
};

process.on('disconnect', () => process.exit(0));
process.once('message', (request: ProbeRequest) => {
  takeSteps(request).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ error: firstLine(error), absent: error instanceof DeviceAbsentError }),
  );
});
