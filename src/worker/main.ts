import { readDataset } from '../data/read';
import { factorize } from '../factorization/factorize';
import { serve } from './serve';
import { applyUses } from './uses';

serve({ readDataset, factorize, use: (params, signal) => applyUses(params, readDataset, signal) });
