import { BaseAdapter, TurnContext } from '@microsoft/agents-hosting';
import type { Handle, Host } from '../bot.ts';
import type { Inbound } from '../inbound.ts';
import type { HttpAnswer } from '../invokes.ts';

/**
 * The Microsoft 365 Agents SDK: its turn and middleware. Its AgentApplication is not used, because it answers `signin/tokenExchange`
 * before the handler has run, so that a client would never learn that it must ask for consent; nor is its CloudAdapter, which takes a
 * token for each turn. Nobody is authenticated here: the guard alone decides who enters.
 */
export function createHost(handle: Handle): Host {
  const adapter = new AdapterForAdmitted();
  return (inbound) => adapter.run(inbound, handle);
}

class AdapterForAdmitted extends BaseAdapter {
  async run(inbound: Inbound, handle: Handle): Promise<HttpAnswer> {
    // Not made by the SDK's `Activity.fromObject`, which throws at fields of other forms even where the bot never reads them.
    const activity = inbound.activity as unknown as TurnContext['activity'];
    let answer: HttpAnswer | undefined;
    await this.runMiddleware(new TurnContext(this, activity, inbound.claims), async () => {
      answer = await handle(inbound);
    });
    return answer ?? { status: 200 };
  }

  /** The SDK's own tells the person to fix the source code. */
  override get onTurnError() {
    return async (_: TurnContext, error: Error): Promise<void> => {
      throw error;
    };
  }

  override sendActivities = leavesByOutbox;
  override updateActivity = leavesByOutbox;
  override deleteActivity = leavesByOutbox;
  override continueConversation = leavesByOutbox;
  override uploadAttachment = leavesByOutbox;
  override getAttachmentInfo = leavesByOutbox;
  override getAttachment = leavesByOutbox;
}

async function leavesByOutbox(): Promise<never> {
  throw new Error('Messages leave by the outbox alone');
}
