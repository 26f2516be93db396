import { join } from 'node:path';
import { decodeImagesIn } from '../data/image-decoder';
import { readDataset } from '../data/read';
import { tryDevicesIn } from '../devices/trial-process';
import { disposeAll, runtime } from '../engine';
import { factorize } from '../factorization/factorize';
import { serve } from './serve';
import { applyUses } from './uses';

tryDevicesIn(join(__dirname, 'device-trial.js'));
decodeImagesIn(join(__dirname, 'image-decoder.js'));

// What computes is loaded while whoever started this process is getting ready too. Where that fails, a job tells.
runtime().catch(() => undefined);

serve({ readDataset, factorize, use: (params, signal) => applyUses(params, readDataset, signal) }, disposeAll);
