/** The command line, or what it names, is at fault: exit code 2 and this message, which names the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
