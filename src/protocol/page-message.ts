import * as v from 'valibot';
import { finite, integer, variant } from '../untrusted/schema';

/** A click, or the page's first sign of life; what a page sends is checked before it is obeyed. */
export type PageMessage = v.InferOutput<typeof pageMessageSchema>;

export const pageMessageSchema = variant('type', {
  ready: {},
  stop: {},
  continue: {},
  retry: {},
  export: {},
  save: {},
  'show-log': {},
  /** What the page was sent of a run under way is drawn, and took it so long: the next may be sent. */
  drawn: { milliseconds: finite(0) },
  /** Do what an advice says, counted as in the state. */
  'take-advice': { index: integer(0) },
  /** A fault in the page, for the log, and no more than the log should have. */
  'page-error': {
    message: v.pipe(
      v.string(),
      v.transform((message) => message.slice(0, 4000)),
    ),
  },
});
