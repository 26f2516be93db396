import { readDataset } from '../data/read';
import { factorize } from '../factorization/factorize';
import { serve } from './serve';

serve({ readDataset, factorize });
