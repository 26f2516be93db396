import { join } from 'node:path';
import { decodeImagesIn } from '../data/images/decoder';
import { readDataset } from '../data/read';
import { probeDevicesIn } from '../devices/probe';
import { disposeAll, keepPrograms, runtime } from '../engine';
import { factorize } from '../factorization/factorize';
import { serve } from './serve';
import { applyUses } from './uses';

probeDevicesIn(join(__dirname, 'device-probe.js'));
decodeImagesIn(join(__dirname, 'image-decoder.js'));

// What computes is loaded while whoever started this process is getting ready too. Where that fails, a job tells.
runtime().catch(() => undefined);

// A job's own, and those of the curvature and of another batch size: the next job of the same kind needs all of them.
void keepPrograms(4);

serve({ readDataset, factorize, use: (params, signal) => applyUses(params, readDataset, signal) }, disposeAll);
