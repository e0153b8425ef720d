/** An error whose message is meant for the person and shown word for word. Everything else is ours: logged, told plainly. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
