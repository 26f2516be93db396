import type { TextOptions } from '../reading-report';

/** How text is read where nothing is asked for: terms in one document alone, or in nearly all, tell documents apart badly. */
export const usualText: TextOptions = { minimum: 2, maximum: 0.95, stopWords: 'auto' };
