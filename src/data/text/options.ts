/** Whose words can be left out, and whose language can be found out. */
export const stopWordChoices = ['auto', 'none', 'en', 'de', 'fr', 'es'] as const;

/** How text is read where nothing is asked for: terms in one document alone, or in nearly all, tell documents apart badly. */
export const defaultText = { minimum: 2, maximum: 0.95, stopWords: 'auto' } as const;
