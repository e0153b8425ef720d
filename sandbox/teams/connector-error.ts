/** A refusal as Teams words it: `{"error":{"code","message"}}`. Codes: facts/teams-platform.md §3. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | undefined;

  constructor(status: number, code: string, message: string, retryAfterS?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export const badSyntax = (message: string) => new ConnectorError(400, 'BadSyntax', message);

export const badArgument = (message: string) => new ConnectorError(400, 'BadArgument', message);

export const noSuchConversation = () => new ConnectorError(404, 'ConversationNotFound', 'Conversation not found.');

export const noSuchActivity = () =>
  new ConnectorError(404, 'ActivityNotFoundInConversation', 'The activity is not in this conversation.');
