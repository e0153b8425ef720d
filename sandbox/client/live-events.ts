import type { ServerResponse } from 'node:http';
import type { SandboxPerson } from '../contract.ts';
import { parseConversationId } from '../teams/conversations.ts';
import type { TeamsEvent, Timeline } from '../teams/timeline.ts';
import { seenMessage } from './seen-message.ts';

/** Streams to one person's page (server-sent events) everything they can see happening, from now until they leave. */
export function streamEvents(timeline: Timeline, person: SandboxPerson, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': connected\n\n');
  const pass = (event: TeamsEvent) => {
    const seen = seenEvent(event, person);
    if (seen) response.write(`data: ${JSON.stringify(seen)}\n\n`);
  };
  timeline.events.on('event', pass);
  response.on('close', () => timeline.events.off('event', pass));
}

/** Undefined for what this person's Teams would not show. Deliveries are everybody's: they are for the developer. */
export function seenEvent(event: TeamsEvent, person: SandboxPerson): object | undefined {
  if (event.kind === 'delivery') {
    const { what, outcome, problem, conversation } = event;
    const by = event.person?.name;
    return { kind: 'delivery', what, by, conversation: conversation.key, ...outcome, problem };
  }
  const conversation = 'message' in event ? event.message.conversation : event.conversation;
  if (!conversation.members.includes(person)) return undefined;
  if ('person' in event && event.person !== person) return undefined;
  switch (event.kind) {
    case 'typing': {
      const thread = parseConversationId(event.conversationId);
      return {
        kind: 'typing',
        conversation: conversation.key,
        rootId: thread === 'malformed' ? undefined : thread.rootId,
      };
    }
    case 'toast':
      return { kind: 'toast', conversation: conversation.key, text: event.text };
    default:
      return { kind: event.kind, message: seenMessage(event.message, person) };
  }
}
