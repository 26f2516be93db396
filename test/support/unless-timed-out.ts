import { errors } from 'playwright-core';

/** Waits for what may take too long, where the caller looks for itself how things stand. */
export async function unlessTimedOut(action: Promise<void>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
  }
}
