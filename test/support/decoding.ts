import { join } from 'node:path';
import { decodeImagesIn } from '../../src/data/images/decoder';
import { repository } from './repository';

// Whoever reads images imports this: they are decoded in the thread that the build has made.
decodeImagesIn(join(repository, 'dist', 'image-decoder.js'));
