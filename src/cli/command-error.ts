/** What whoever typed a command can put right; `message` is the whole story in one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
