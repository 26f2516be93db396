import type { PageMessage } from '../protocol/inspector';

const plainTypes = [
  'ready',
  'stop',
  'continue',
  'retry',
  'export',
  'save',
  'show-log',
] as const satisfies readonly Exclude<PageMessage['type'], 'page-error' | 'take-advice' | 'drawn'>[];

/** A message of the page, or null for anything that is none: what a page sends is checked before it is obeyed. */
export function parsePageMessage(message: unknown): PageMessage | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null;
  const { type } = message;
  if (type === 'page-error') {
    if (!('message' in message) || typeof message.message !== 'string') return null;
    return { type, message: message.message.slice(0, 4000) };
  }
  if (type === 'drawn') {
    const milliseconds: unknown = 'milliseconds' in message ? message.milliseconds : undefined;
    return typeof milliseconds === 'number' && Number.isFinite(milliseconds) && milliseconds >= 0
      ? { type, milliseconds }
      : null;
  }
  if (type === 'take-advice') {
    const index: unknown = 'index' in message ? message.index : undefined;
    return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? { type, index } : null;
  }
  const plain = plainTypes.find((known) => known === type);
  return plain ? { type: plain } : null;
}
