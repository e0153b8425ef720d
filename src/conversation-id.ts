/** A conversation's id without its thread: presses and sign-ins belong to the conversation, whichever thread shows them. */
export function withoutThread(conversationId: string): string {
  const at = conversationId.indexOf(';');
  return at < 0 ? conversationId : conversationId.slice(0, at);
}
